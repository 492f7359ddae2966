"""OCIO configs and grades, kept for the next task, and held to what jobs were submitted with."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..schema.errors import ColourError
from .colour_files import check_files
from .colour_hash import ARCHIVE, check_config

if TYPE_CHECKING:
    from ..schema.colour import Grade
    from ..schema.job import ColourFile
    from .colour import Colour
    from .colour_grade import Grader

OPEN_CONFIGS = 4
OPEN_GRADES = 16


class Colouring(NamedTuple):
    """Which OCIO config, as it and its files were when the job was made, and what pictures are made for with it.

    Attributes:
        config_hash: None: whatever the config is now.
    """

    config: str
    config_hash: str | None
    display: str
    view: str
    files: tuple[ColourFile, ...] = ()


class KeptColours:
    """What was costly to load, for the next task of any job."""

    def __init__(self) -> None:
        self._colours: OrderedDict[tuple[str, str | None, tuple[ColourFile, ...]], tuple[object, Colour]] = (
            OrderedDict()
        )
        self._graders: OrderedDict[tuple[Colouring, bytes], tuple[Colour, Grader]] = OrderedDict()

    def colour(self, chosen: Colouring) -> Colour:
        """The OCIO config; loaded anew when its file, or one that the job's grades read, was touched.

        Raises:
            ColourError: it cannot be loaded, or it or a file of it is not what the job was submitted with.
        """
        from .colour import Colour, forget_files  # noqa: PLC0415 - heavy

        name = (chosen.config, chosen.config_hash, chosen.files)
        stamp = tuple(_stamp(path) for path in (chosen.config, *(file.path for file in chosen.files)))
        kept = self._colours.pop(name, None)
        if kept is None or kept[0] != stamp:
            if chosen.config_hash is not None:
                check_config(chosen.config, chosen.config_hash)
                check_files(chosen.files)
            forget_files()
            kept = (stamp, Colour(chosen.config))
        self._colours[name] = kept
        while len(self._colours) > OPEN_CONFIGS:
            self._colours.popitem(last=False)
        return kept[1]

    def grader(self, chosen: Colouring, grade: Grade) -> Grader:
        """OCIO's exact processor of a grade.

        Raises:
            ColourError: as ``colour``; a name is unknown; or it reads a file that was not known at submission.
        """
        from .colour_grade import Grader  # noqa: PLC0415 - heavy

        colour = self.colour(chosen)
        name = (chosen, grade.canonical())
        kept = self._graders.pop(name, None)
        if kept is None or kept[0] is not colour:
            kept = (colour, Grader(colour, grade))
            if chosen.config_hash is not None and not chosen.config.endswith(ARCHIVE):
                _check_known(kept[1].files, chosen)
        self._graders[name] = kept
        while len(self._graders) > OPEN_GRADES:
            self._graders.popitem(last=False)
        return kept[1]


def _check_known(files: tuple[str, ...], chosen: Colouring) -> None:
    known = {file.path for file in chosen.files}
    for path in files:
        if os.path.abspath(path) not in known:  # noqa: PTH100 - as it was marked
            raise ColourError(
                f"on this host the OCIO config {chosen.config} reads {path}, which the job was not submitted with",
                hint="map the paths of this host to those of the submitter, or submit again",
                path=path,
            )


def _stamp(config: str) -> object:
    """Changes when a file is written; None for a config that is no file."""
    try:
        facts = Path(config).stat()
    except OSError:
        return None
    return (facts.st_ino, facts.st_mtime_ns, facts.st_size)
