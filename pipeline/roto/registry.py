"""Roto backends by name: those that Shotmill brings, and those of other wheels.

A wheel offers one by an entry point of the group ``shotmill.roto``: a ``Backend``. A clash of names is an error that
names both. What a backend needs is said before anything runs; nothing is ever put in another's place.
"""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING, Any

from ...schema.errors import ConfigError, MissingExtraError
from ...schema.roto import Stage
from ..entrypoints import offered, owner
from .backend import Backend

if TYPE_CHECKING:
    from .backend import Choice

GROUP = "shotmill.roto"
# Where each face is. Those of `farm_plugins` are named by text, since this layer may not import that one.
BUILT_IN = {
    "classical": "shotmill.pipeline.roto.classical",
    "cutie": "shotmill.farm_plugins.gpu.cutie",
    "edge": "shotmill.pipeline.roto.edge",
    "groundingdino": "shotmill.farm_plugins.gpu.groundingdino",
    "person": "shotmill.pipeline.roto.person",
    "pymatting": "shotmill.pipeline.roto.pymatting",
    "sam2": "shotmill.farm_plugins.gpu.sam2",
    "stub": "shotmill.pipeline.roto.stub",
    "vitmatte": "shotmill.farm_plugins.gpu.vitmatte",
}


def backend_names() -> list[str]:
    """All backends that may be named; imports none of them."""
    return sorted({*BUILT_IN, *offered(GROUP)})


def find_backend(name: str, stage: Stage | None = None) -> Backend:
    """The face of a backend.

    Args:
        name: as typed.
        stage: that it must be able to do; None: any.

    Raises:
        ConfigError: there is none of this name, two claim it, it does not import, or it does not do that stage.
    """
    others = offered(GROUP).get(name, [])
    owners = (["Shotmill itself"] if name in BUILT_IN else []) + [owner(point) for point in others]
    if len(owners) > 1:
        raise ConfigError(
            f"roto backend {name!r} is claimed by {' and '.join(owners)}", hint="pip uninstall one of them"
        )
    if not owners:
        raise ConfigError(f"there is no roto backend {name!r}; {_near(name, backend_names())}", backend=name)
    try:
        found: Any = others[0].load() if others else importlib.import_module(BUILT_IN[name]).BACKEND
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"roto backend {name!r} from {owners[0]} does not import: {error}", backend=name) from error
    if not isinstance(found, Backend) or found.name != name:
        raise ConfigError(f"roto backend {name!r} from {owners[0]} must be a Backend of that name", backend=name)
    if stage is not None and stage not in found.makers:
        able = [other for other in BUILT_IN if other != name and _does(other, stage)]
        raise ConfigError(
            f"roto backend {name!r} does not {stage}; these do: {', '.join(able)}", backend=name, stage=stage
        )
    return found


def make_backend(name: str, stage: Stage, choice: Choice) -> Any:
    """What does a stage: a ``Segmenter``, ``Propagator``, ``Matter`` or ``Detector``; may load a model.

    Raises:
        ConfigError: as ``find_backend``.
        MissingExtraError: a package that it needs is not installed.
        InputMissingError, InputCorruptError: its weights are not there, or not what they should be.
    """
    backend = find_backend(name, stage)
    module, _, function = backend.makers[stage].partition(":")
    try:
        return getattr(importlib.import_module(module), function)(choice)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("shotmill"):
            raise
        raise MissingExtraError(
            f"roto backend {name!r} needs {error.name}, which is not installed",
            hint=f"pip install 'shotmill[{backend.extra}]'" if backend.extra else f"pip install {error.name}",
            backend=name,
        ) from error


def _does(name: str, stage: Stage) -> bool:
    """Whether a backend is there and does a stage."""
    try:
        return stage in find_backend(name).makers
    except ConfigError:
        return False


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3)
    return f"did you mean: {', '.join(near)}" if near else f"known: {', '.join(known)}"
