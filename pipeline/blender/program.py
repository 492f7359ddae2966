"""Blender's program: found by the settings of the host that works, started apart, and told what to do."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from ...schema.errors import BadRequestError, MachineError, TaskFailedError
from .facts import SceneFacts

log = logging.getLogger(__name__)

DRIVER = Path(__file__).with_name("driver.py")
FAILED = 1  # exit code of a driver that raised
LAST_LINES = 200  # of what Blender printed, for the log
MOST_PRINTED = 256 * 1024  # bytes that those are taken from
MEND = "set 'blender' (or SHOTMILL_BLENDER) to Blender's program, or to a Python that has the package bpy"
# What would change how Blender or its Python start, and what is no business of a scene.
KEPT_FROM_BLENDER = ("PYTHON", "BLENDER_", "SHOTMILL_")


@dataclass(frozen=True)
class RenderOrder:
    """Frames of a scene, and how they are rendered.

    Attributes:
        file: absolute path of the .blend.
        scene, view_layer, camera: names; empty: as the file has them.
        frames: in the scene's own numbering.
        folder: takes the frames, each as ``NNNN.exr`` or ``NNNN.png``.
        depth: ``half`` or ``float`` of EXR, ``8`` or ``16`` of PNG.
        percent: of the scene's own size.
        samples: of Cycles; 0: as the scene has it.
        threads: of the processor.
        gpu: whether Cycles must use the host's GPU.
    """

    file: str
    scene: str
    frames: Sequence[int]
    folder: str
    view_layer: str = ""
    camera: str = ""
    format: str = "exr"
    depth: str = "half"
    percent: int = 100
    samples: int = 0
    threads: int = 1
    gpu: bool = False


class Blender:
    """Blender on this machine.

    Args:
        program: path of Blender's program, or of a Python with the package ``bpy``, whose name begins with ``python``.
        ocio: OCIO config that Blender shall use; empty: its own.

    Raises:
        MachineError: it is not named, or not there.
    """

    def __init__(self, program: str, *, ocio: str = "") -> None:
        if not program:
            raise MachineError("a scene needs Blender, and the settings name none on this host", hint=MEND)
        found = shutil.which(program)
        if found is None:
            raise MachineError(
                f"the setting 'blender' names {program}, which is no program on this host", hint=MEND, path=program
            )
        self.program = found
        self._ocio = ocio

    def command(self, *arguments: str) -> list[str]:
        """The argv that runs the driver."""
        if Path(self.program).name.startswith("python"):
            return [self.program, "-I", str(DRIVER), "--", *arguments]
        own = ["--background", "--factory-startup", "--disable-autoexec", "--offline-mode"]
        return [self.program, *own, "--python-exit-code", str(FAILED), "--python", str(DRIVER), "--", *arguments]

    def look(self, file: str, scene: str = "") -> SceneFacts:
        """What a scene is; nothing is rendered.

        Args:
            file: absolute path of a .blend.
            scene: its name; empty: the one that was open when the file was saved.

        Raises:
            BadRequestError: the file or the scene is not there.
            TaskFailedError: Blender cannot open it.
        """
        facts: list[SceneFacts] = []

        def take(answer: Mapping[str, Any]) -> None:
            if "facts" in answer:
                facts.append(_facts(answer["facts"]))

        self._obey({"do": "look", "file": file, "scene": scene}, take)
        if not facts:
            raise TaskFailedError(f"Blender said nothing of {file}", hint="the log holds what it printed", path=file)
        return facts[0]

    def render(self, order: RenderOrder, rendered: Callable[[int], object]) -> None:
        """Render frames; ends Blender when ``rendered`` raises.

        Args:
            order: what to render.
            rendered: told the number of each frame when its file is there.

        Raises:
            BadRequestError: the scene cannot be rendered like that; says why.
            TaskFailedError: Blender failed, or went away.
        """
        left = list(order.frames)

        def take(answer: Mapping[str, Any]) -> None:
            if "frame" in answer:
                rendered(int(answer["frame"]))
                left.remove(int(answer["frame"]))

        self._obey({"do": "render", **asdict(order), "frames": list(order.frames)}, take)
        if left:
            raise TaskFailedError(
                f"Blender ended without frame {left[0]} of {order.file}", path=order.file, frame=left[0]
            )

    def _obey(self, order: Mapping[str, Any], take: Callable[[Mapping[str, Any]], object]) -> None:
        with tempfile.TemporaryDirectory(prefix="shotmill-blender-") as own, tempfile.TemporaryFile() as printed:
            path = Path(own) / "order.json"
            path.write_text(json.dumps(order), encoding="utf-8")
            with self._running(path, printed) as (process, answers):
                last = _heard(answers, take)
                code = process.wait()
            _log(printed)
        if "refused" in last:
            raise BadRequestError(str(last["refused"]), path=order["file"])
        if code or "failed" in last:
            said = last.get("failed") or _end_of(code)
            raise TaskFailedError(
                f"Blender failed on {order['file']}: {said}", hint="the log holds what it printed", path=order["file"]
            )

    @contextmanager
    def _running(self, order: Path, printed: IO[bytes]) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        """Blender at work, and what it answers; it is ended when the context is left."""
        ours, theirs = os.pipe()
        with os.fdopen(ours, "rb") as answers:
            try:
                process = subprocess.Popen(
                    self.command(str(order), str(theirs)),
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=subprocess.STDOUT,
                    env=self._environment(order.parent),
                    cwd=order.parent,
                    pass_fds=(theirs,),
                    start_new_session=True,
                )
            except OSError as error:
                raise MachineError(f"{self.program} does not start: {error.strerror}", hint=MEND) from error
            finally:
                os.close(theirs)
            try:
                yield process, answers
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _environment(self, own: Path) -> dict[str, str]:
        """Nothing of the user's own Blender: the same scene gives the same picture on every host."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(KEPT_FROM_BLENDER)}
        kept.pop("OCIO", None)
        return {**kept, "BLENDER_USER_RESOURCES": str(own), **({"OCIO": self._ocio} if self._ocio else {})}


def _facts(given: Any) -> SceneFacts:
    try:
        return SceneFacts.model_validate(given)
    except ValidationError as error:
        raise TaskFailedError(f"this Blender does not say what is asked of it: {error.errors()[0]['loc']}") from error


def _heard(answers: IO[bytes], take: Callable[[Mapping[str, Any]], object]) -> Mapping[str, Any]:
    """Hand on each answer; the last one."""
    last: Mapping[str, Any] = {}
    for line in answers:
        try:
            last = json.loads(line)
        except ValueError:  # it was killed while it spoke; its exit code says so
            break
        take(last)
    return last


def _log(printed: IO[bytes]) -> None:
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - MOST_PRINTED))
    lines = printed.read().decode("utf-8", "replace").splitlines()
    for line in lines[-LAST_LINES:]:
        log.info("blender: %s", line)


def _end_of(code: int) -> str:
    if code < 0:
        return f"it was ended by {signal.Signals(-code).name}; it may have run out of memory"
    return f"it stopped with exit code {code}"
