"""Engines by name: the local one, the farms that Shotmill knows, and those that other wheels bring.

A wheel offers a farm by an entry point of the group ``shotmill.engines``: something that is called with settings and
answers with a ``Farm``. Built-in names win, and a clash is an error that names both.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from ..pipeline.entrypoints import offered, owner
from ..pipeline.settings import Settings
from ..schema.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from ..pipeline.store import Database
    from .engine import Engine
    from .farm import Farm

GROUP = "shotmill.engines"
LOCAL = "local"
# Where each farm's class is, and the extra that brings its client.
FARMS = {
    "opencue": (".opencue.farm", "OpenCueFarm", "opencue"),
    "deadline": (".deadline_cloud.farm", "DeadlineCloudFarm", "deadline"),
}


def engine_names() -> list[str]:
    """All names that may be given; imports none of them."""
    return sorted({LOCAL, *FARMS, *offered(GROUP)})


def engine_named(name: str, settings: Settings, database: Database) -> Engine:
    """The engine of this name.

    Raises:
        ConfigError: there is none, or two claim the name.
        MissingExtraError: the farm's client is not installed.
    """
    if name == LOCAL and LOCAL not in offered(GROUP):
        from .local import LocalEngine  # noqa: PLC0415 - only the engine in use is loaded

        return LocalEngine(settings, database)
    from .farm_engine import FarmEngine  # noqa: PLC0415 - same

    return FarmEngine(farm_named(name, settings), settings, database)


@contextmanager
def ready_engine(name: str, settings: Settings, database: Callable[[], Database]) -> Iterator[Engine]:
    """The engine of this name, for somebody who is about to submit.

    Farms tell by ``ready``, a context, that they can use the time until the job is there, such as to load their client.

    Args:
        name: of the engine.
        settings: of this machine.
        database: opens the database, which takes its time, too.

    Raises:
        ConfigError, MissingExtraError: as ``engine_named``.
    """
    if name == LOCAL:
        yield engine_named(name, settings, database())
        return
    from .farm_engine import FarmEngine  # noqa: PLC0415 - only the engine in use is loaded

    farm = farm_named(name, settings)
    with getattr(farm, "ready", nullcontext)():
        yield FarmEngine(farm, settings, database())


def farm_named(name: str, settings: Settings) -> Farm:
    """The farm of this name; nothing is asked of it yet.

    Raises:
        ConfigError: there is none, or two claim the name.
        MissingExtraError: its client is not installed.
    """
    others = offered(GROUP).get(name, [])
    owners = (["Shotmill itself"] if name in {LOCAL, *FARMS} else []) + [owner(point) for point in others]
    if len(owners) > 1:
        raise ConfigError(f"engine {name!r} is claimed by {' and '.join(owners)}", hint="pip uninstall one of them")
    if not owners:
        near = difflib.get_close_matches(name, engine_names(), n=3)
        others_are = f"did you mean: {', '.join(near)}" if near else f"known: {', '.join(engine_names())}"
        raise ConfigError(f"there is no engine {name!r}; {others_are}", hint="shotmill config explain engine")
    if others:
        found: Farm = others[0].load()(settings)
        return found
    return _built_in(name, settings)


def _built_in(name: str, settings: Settings) -> Farm:
    place, class_name, extra = FARMS[name]
    try:
        module = importlib.import_module(place, __package__)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"engine {name!r} needs {error.name}, which is not installed", hint=f"pip install 'shotmill[{extra}]'"
        ) from error
    found: Farm = getattr(module, class_name)(settings)
    return found
