"""``segment``: where the process is that answers clicks, and starting it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ...schema.errors import EngineUnreachableError, NotFoundError
from ...schema.rpc import SegmentArgs, SegmenterOut
from .serve import Asking

if TYPE_CHECKING:
    from ...farm_plugins.segmenter.place import Address, Place

LOOK_S = 0.2


def segment(args: SegmentArgs, asking: Asking) -> SegmenterOut:
    """Tell where the segmenter is; clicks go there and not through here, so that they stay quick.

    Raises:
        NotFoundError: none runs, and none was to be started.
        EngineUnreachableError: it was started and did not come up.
    """
    from ...farm_plugins.segmenter.ask import join, living
    from ...farm_plugins.segmenter.place import HOST, Place

    place = Place.of(asking.studio.settings.home)
    address = living(place)
    if address is None and not args.start:
        raise NotFoundError(
            f"no segmenter of {asking.studio.settings.home} runs", hint="shotmill segment --serve, or ask with start"
        )
    if address is None:
        address = _started(args, asking, place)
    else:
        join(address, os.getppid())  # the host: it starts this process itself
    return SegmenterOut(url=f"http://{HOST}:{address.port}", token=address.token, pid=address.pid)


def _started(args: SegmentArgs, asking: Asking, place: Place) -> Address:
    from ...farm_plugins.detached import start_detached
    from ...farm_plugins.segmenter.ask import living

    home = asking.studio.settings.home
    log = home / "segmenter.log"
    home.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "SHOTMILL_HOME": str(home)}
    words = ("segment", "--serve", "--backend", args.backend, "--host-pid", str(os.getppid()))
    start_detached("shotmill", *words, environment=environment, log=log)
    ends = time.monotonic() + args.wait_s
    while time.monotonic() < ends:
        asking.speaker.progress("load", int(args.wait_s - (ends - time.monotonic())), int(args.wait_s))
        if (address := living(place)) is not None:
            return address
        time.sleep(LOOK_S)
    raise EngineUnreachableError(
        f"the segmenter did not come up within {args.wait_s:g} s", hint=f"its own words are in {log}"
    )
