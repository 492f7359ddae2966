"""Exports of roto shapes by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from ...schema.errors import ParamsError
from ...schema.shapes import ShapesDocument
from .aftereffects import write_jsx
from .fusion import write_comp, write_setting
from .lottie import write_lottie
from .nuke import write_nk
from .nuke_script import write_script
from .silhouette import write_fxs


@dataclass(frozen=True)
class Export:
    """One format.

    Attributes:
        name: as typed.
        extension: of its file, without the dot.
        summary: one line for people.
        write: a document as the bytes of the file; raises ``ParamsError`` where the program cannot hold it.
    """

    name: str
    extension: str
    summary: str
    write: Callable[[ShapesDocument], bytes]

    @property
    def representation(self) -> str:
        """What it is called beside the other forms of its version."""
        return self.name


_ALL = {
    export.name: export
    for export in (
        Export("aftereffects", "jsx", "After Effects: a script that makes the masks, all keys", write_jsx),
        Export("fusion", "setting", "Fusion and Resolve: polygon masks to paste, all keys", write_setting),
        Export("fusioncomp", "comp", "Fusion: the same masks as a composition, with size, rate and range", write_comp),
        Export("lottie", "json", "Lottie (Bodymovin): an animation for players and the web, all keys", write_lottie),
        Export("nuke", "nk", "Nuke: Roto nodes to paste, one frame", write_nk),
        Export("nukepy", "py", "Nuke: a script that makes the Roto nodes, all keys", write_script),
        Export(
            "shapes", "json", "the shapes document itself, which all others are made from", ShapesDocument.canonical
        ),
        Export("silhouette", "fxs", "Silhouette: shapes to import, all keys", write_fxs),
    )
}


def export_names() -> list[str]:
    """All exports that may be named."""
    return sorted(_ALL)


def find_export(name: str) -> Export:
    """The export of a name.

    Raises:
        ParamsError: there is none; says which are near.
    """
    if name not in _ALL:
        near = difflib.get_close_matches(name, _ALL, n=1)
        meant = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(export_names())}"
        raise ParamsError(f"there is no export {name!r}; {meant}", export=name)
    return _ALL[name]
