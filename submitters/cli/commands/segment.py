"""``segment``: a click on a frame becomes a mask; here, or in a process that stays and is quick."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....schema.errors import BadRequestError, NotFoundError
from ....schema.roto import PromptBox, PromptPoint
from ....schema.segment import DEFAULT_BACKEND, SegmentObject, SegmentOut, SegmentRequest
from ..output import json_option, print_json
from ..studio import Studio, studio

if TYPE_CHECKING:
    from ....pipeline.roto.clicks import Clicks

IDLE_S = 1800.0  # a lunch is longer, a phone call is not


def _numbers(form: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """What reads numbers with commas between them; of an option that may be given often, each time."""
    count = form.count(",") + 1

    def read(text: str) -> tuple[float, ...]:
        try:
            found = tuple(float(part) for part in text.split(","))
        except ValueError:
            found = ()
        if len(found) != count:
            raise click.BadParameter(f"{text!r} is not {form}")
        return found

    def callback(_ctx: click.Context, _option: click.Parameter, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(read(one) for one in value)
        return None if value is None else read(value)

    return callback


POINT, BOX = "X,Y", "LEFT,TOP,RIGHT,BOTTOM"


@click.command("segment", help="Find an object on one frame; coordinates are pixels from the upper left corner.")
@click.argument("plate", default="")
@click.option(
    "--frame", type=int, help="in the plate's own numbering; default: the one that the path names, or the first"
)
@click.option(
    "--point",
    "points",
    metavar=POINT,
    callback=_numbers(POINT),
    multiple=True,
    help="a place on it; may be given often",
)
@click.option("--outside", metavar=POINT, callback=_numbers(POINT), multiple=True, help="a place that is not it")
@click.option("--box", metavar=BOX, callback=_numbers(BOX), help="a rectangle around it")
@click.option("--colourspace", default="", help="of the plate; default: as its file says")
@click.option(
    "--backend", default=DEFAULT_BACKEND, show_default=True, help="what finds it; with --serve: loaded at once"
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="PNG file for the mask")
@click.option("--here", is_flag=True, help="do not ask the segmenter that stays, even if there is one")
@click.option("--serve", is_flag=True, help="stay, and answer clicks of RV, Nuke and this command")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="with --serve: on 127.0.0.1; default: any free one"
)
@click.option(
    "--idle-s", type=click.FloatRange(0), default=IDLE_S, show_default=True, help="with --serve: 0 stays for ever"
)
@click.option("--host-pid", type=click.IntRange(0), default=0, hidden=True)  # of whom it was started for
@click.option("--device", default="", help="cpu, cuda or cuda:1; default: the backend's own choice")
@click.option("--stop", is_flag=True, help="end the segmenter that stays")
@json_option
@click.pass_context
def segment_command(ctx: click.Context, /, **given: Any) -> None:
    """Segment one frame, or serve."""
    where = studio(ctx)
    if given["serve"] and given["stop"]:
        raise BadRequestError("--serve and --stop cannot both be; choose one")
    if given["serve"]:
        _serve(where, given)
    elif given["stop"]:
        _stop(where)
    else:
        _segment_once(where, given)


def _segment_once(where: Studio, given: dict[str, Any]) -> None:
    out: Path | None = given["out"]
    if out is not None and out.suffix.lower() != ".png":
        raise BadRequestError(f"{out} must end in .png", path=out)
    request = _request(given)
    found, told = _answered(where, request, given)
    if out is not None:
        _write(out, found)
    if given["as_json"]:
        print_json(found)
        return
    mask = found.masks[0]
    reason = f" ({mask.reason})" if mask.reason else ""
    pixels = f"{mask.area_px} of {found.width * found.height} px"
    print(f"frame {found.frame}: {pixels}, confidence {mask.confidence:.2f}{reason}")
    print(f"{told} in {found.timings.total_s:.2f} s, {found.timings.segment_s:.2f} s of it for the mask")
    if out is not None:
        print(f"mask: {out}")


def _request(given: dict[str, Any]) -> SegmentRequest:
    from pydantic import ValidationError

    from ....farm_plugins.filling import place_of, reason_of

    if not given["plate"]:
        raise BadRequestError(
            "segment needs a plate and a place on it", hint="shotmill segment PLATE --frame N --point X,Y"
        )
    points = [PromptPoint(x=x, y=y, inside=inside) for side, inside in (("points", True), ("outside", False))
              for x, y in given[side]]  # fmt: skip
    try:
        box = given["box"] and PromptBox(**dict(zip(("left", "top", "right", "bottom"), given["box"], strict=True)))
        return SegmentRequest(
            media=str(Path(given["plate"]).absolute()),
            frame=given["frame"],
            colourspace=given["colourspace"],
            objects=(SegmentObject(points=tuple(points), box=box or None),),
            backend=given["backend"],
        )
    except ValidationError as error:
        raise BadRequestError(f"{place_of(error) or 'the request'}: {reason_of(error)}") from error


def _answered(where: Studio, request: SegmentRequest, given: dict[str, Any]) -> tuple[SegmentOut, str]:
    """The answer, and who gave it, in words."""
    from ....farm_plugins.segmenter.ask import ask, living
    from ....farm_plugins.segmenter.place import Place

    address = None if given["here"] else living(Place.of(where.settings.home))
    if address is not None:
        return ask(address, request), f"the segmenter on port {address.port} answered"
    found = _clicks(where, given["device"]).answer(request, by_server=False)
    why = "as asked" if given["here"] else "as no segmenter runs (shotmill segment --serve)"
    return found, f"done here, {why},"


def _clicks(where: Studio, device: str) -> Clicks:
    from ....pipeline.roto.clicks import Clicks
    from ....pipeline.tools import StudioTools

    return Clicks(StudioTools(where.settings), device=device)


def _write(out: Path, found: SegmentOut) -> None:
    from ....pipeline.files import storage_error, write_whole

    try:
        write_whole(out, base64.b64decode(found.masks[0].png))
    except OSError as error:
        raise storage_error(out, error) from error


def _serve(where: Studio, given: dict[str, Any]) -> None:
    import signal

    from ....farm_plugins.segmenter.ask import living
    from ....farm_plugins.segmenter.place import Place
    from ....farm_plugins.segmenter.serve import Segmenter

    place = Place.of(where.settings.home)
    with place.taken() as alone:
        if not alone:
            other = living(place)
            raise BadRequestError(
                f"a segmenter of {where.settings.home} runs already{f' on port {other.port}' if other else ''}",
                hint="shotmill segment --stop",
            )
        clicks = _clicks(where, given["device"])
        clicks.warm_up(given["backend"])
        server = Segmenter(
            place,
            lambda request: clicks.answer(request, by_server=True),
            port=given["port"],
            idle_s=given["idle_s"],
            host_pid=given["host_pid"],
        )
        signal.signal(signal.SIGTERM, lambda _number, _frame: server.end())
        signal.signal(signal.SIGINT, lambda _number, _frame: server.end())
        print(f"segmenter on http://127.0.0.1:{server.address_told.port}, {given['backend']} is loaded")
        print(f"port and token for clients: {place.file}", flush=True)
        server.stay()
        print("segmenter ended", file=sys.stderr)


def _stop(where: Studio) -> None:
    from ....farm_plugins.segmenter.ask import living, send_away
    from ....farm_plugins.segmenter.place import Place

    address = living(Place.of(where.settings.home))
    if address is None:
        raise NotFoundError(f"no segmenter of {where.settings.home} runs", hint="shotmill segment --serve")
    send_away(address)
    print(f"the segmenter on port {address.port} ends")
