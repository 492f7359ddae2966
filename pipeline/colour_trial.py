"""Trying grades before a job is submitted: every name, and every file that they read, under limits.

Sizes and first bytes are looked at here; what is left is read by ``colour_child``, in a process with limits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..schema.errors import ColourError
from ..schema.job import ColourFile
from .colour_files import MAX_LUT_MIB, check_archive, check_lut, mark_files
from .colour_hash import ARCHIVE, config_hash

if TYPE_CHECKING:
    from ..schema.colour import Grade
    from .colour import Colour

ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "COVERAGE_PROCESS_CONFIG")
SHOWN = 3


@dataclass(frozen=True)
class Limits:
    """What the files of grades may cost.

    Attributes:
        lut_mib: size of one file.
        memory_mib: address space of the process that reads them.
        cpu_s: its processor seconds.
        wall_s: seconds until it is stopped.
    """

    lut_mib: int = MAX_LUT_MIB
    memory_mib: int = 3072
    cpu_s: int = 60
    wall_s: float = 300.0


@dataclass(frozen=True)
class Tried:
    """What grades turned out to be: the files that they read, as they are now, and a key for each of them."""

    files: tuple[ColourFile, ...]
    keys: tuple[str, ...]


def load_colour(config: str) -> Colour:
    """An OCIO config that somebody named, looked at before OpenColorIO is given it.

    Raises:
        ColourError: it is not there, too large, or does not parse.
    """
    from .colour import Colour  # noqa: PLC0415 - heavy: OpenColorIO

    config_hash(config)  # refuses what is not there, and what is too large to be read
    if config.endswith(ARCHIVE):
        check_archive(config)
    return Colour(config)


def try_grades(colour: Colour, grades: Sequence[Grade], *, limits: Limits | None = None) -> Tried:
    """Make grades once, and see which files they read.

    Raises:
        ColourError: a name is unknown, or a file is missing, too large or damaged; names it.
    """
    from .colour_grade import Grader  # noqa: PLC0415 - heavy: OpenColorIO
    from .colour_walk import is_archive, reachable_files, reads_files  # noqa: PLC0415 - same

    bounds, packed = limits or Limits(), is_archive(colour)
    loose = grades if reads_files(colour) and not packed else ()
    there = sorted({path for grade in loose for path in reachable_files(colour, grade)})
    for path in there:
        check_lut(path, most_mib=bounds.lut_mib)
    if not there and not packed:
        made = [Grader(colour, grade) for grade in grades]
        return Tried((), tuple(grader.key for grader in made))
    answer = _asked(colour.source, grades, there, bounds)
    if "error" in answer:
        raise ColourError(answer["error"], hint=answer["hint"], path=colour.source)
    files = () if packed else mark_files(answer["files"])  # an archive's own hash covers them
    return Tried(files, tuple(answer["keys"]))


def _asked(config: str, grades: Sequence[Grade], files: Sequence[str], limits: Limits) -> dict[str, Any]:
    """What the process that reads the files answers."""
    argv = [
        *(sys.executable, "-I", "-m", f"{__package__}.colour_child"),
        *(str(limits.memory_mib << 20), str(limits.cpu_s)),
    ]
    asked = {"config": config, "grades": [grade.model_dump(mode="json") for grade in grades]}
    try:
        ran = subprocess.run(
            argv,
            input=json.dumps(asked).encode(),
            capture_output=True,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            timeout=limits.wall_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _died(config, files, f"reading took longer than {limits.wall_s:g} s") from error
    if ran.returncode != 0:
        said = (ran.stderr.decode("utf-8", "replace").strip().splitlines() or ["nothing"])[-1][:200]
        raise _died(config, files, f"reading them ended with code {ran.returncode}: {said}")
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _died(config: str, files: Sequence[str], what: str) -> ColourError:
    shown = ", ".join(files[:SHOWN]) + (f" and {len(files) - SHOWN} more" if len(files) > SHOWN else "")
    return ColourError(
        f"the files of OCIO config {config} cannot be read within limits ({shown or 'those inside of it'}): {what}",
        hint="export the LUTs again, smaller; shotmill colour explain SHOT lists all files",
        path=files[0] if files else config,
    )
