"""Jobs whose work is done, ready to be published; made without an engine."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from shotmill.pipeline.files import write_whole
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.hashes import hash_bytes
from shotmill.pipeline.receipts import keep_receipt
from shotmill.pipeline.seals import seal
from shotmill.schema.frames import FrameSet
from shotmill.schema.ids import uuid7
from shotmill.schema.job import JobSpec, OutputSpec, Step, publish_step
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.receipts import Output, Receipt, ReceiptFile

SHOT = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")


def output_spec(*, frames: str | None = "1001-1003", product: str = "comp", kind: str = "document") -> OutputSpec:
    wanted = None if frames is None else FrameSet.parse(frames)
    return OutputSpec(
        product="main",
        entity=SHOT,
        name=product,
        kind=kind,
        representation="bin",
        extension="bin",
        frames=wanted,
    )


def job_spec(
    output: OutputSpec | None = None, *, job: str = "", holes: str | None = None, allow: bool = False
) -> JobSpec:
    step = Step(name="render", task="render", frames=FrameSet((1,)), outputs=(output or output_spec(),))
    return JobSpec(
        id=job or str(uuid7()),
        key="0" * 64,
        type="test",
        type_version=1,
        name="test-job",
        project="demo",
        user="artist",
        params={"clips": [{"name": "main", "holes": holes}]} if holes else {},
        steps=(step, publish_step("render")),
        allow_holes=allow,
    )


def done_job(root: Path, spec: JobSpec, content: Mapping[int | None, bytes] | None = None) -> JobFolder:
    """A job folder whose one step wrote these frames."""
    folder = JobFolder(root)
    frames = spec.steps[0].outputs[0].frames
    wanted: Sequence[int | None] = [None] if frames is None else list(frames)
    files = content if content is not None else {frame: f"frame {frame}".encode() * 1000 for frame in wanted}
    named = [("one.bin" if frame is None else f"{frame}.bin", frame, data) for frame, data in files.items()]
    task_done(folder, spec, "1", named)
    folder.bundle.mkdir(exist_ok=True)
    write_whole(folder.job, spec.pretty().encode())
    return folder


def task_done(
    folder: JobFolder,
    spec: JobSpec,
    chunk: str,
    files: Sequence[tuple[str, int | None, bytes]],
    *,
    product: str = "main",
    step: Step | None = None,
) -> None:
    """One task of the job's step, or of another one, that wrote these files: name, frame, content."""
    frames = FrameSet.parse(chunk)
    name = "render" if step is None else step.name
    product, representation = (product, "bin") if step is None else _first_output(step)
    staging = folder.attempt(name, frames, "001-test")
    staging.mkdir(parents=True)
    listed = []
    for path, frame, data in files:
        if not (staging / path).exists():
            (staging / path).write_bytes(data)
        seal(staging / path)
        listed.append(ReceiptFile(path=path, size=len(data), checksum=hash_bytes(data), frame=frame))
    outputs = (Output(product=product, representation=representation, files=tuple(listed)),) if listed else ()
    keep_receipt(folder, _receipt(spec, folder, staging, frames, outputs).model_copy(update={"step": name}))


def _first_output(step: Step) -> tuple[str, str]:
    return step.outputs[0].product, step.outputs[0].representation


def _receipt(spec: JobSpec, folder: JobFolder, staging: Path, frames: FrameSet, outputs: tuple[Output, ...]) -> Receipt:
    moment = datetime.now(UTC)
    return Receipt(
        job=spec.id,
        step="render",
        frames=frames,
        done=frames,
        outputs=outputs,
        root=str(staging.relative_to(folder.root)),
        log="logs/x.log",
        attempt="001-test",
        host=socket.gethostname(),
        started=moment,
        finished=moment,
        wall_s=0.1,
        cpu_s=0.1,
    )


def frame_file(folder: JobFolder, frame: int) -> Path:
    """Where the work step put a frame, open to whoever means harm."""
    return opened(next(folder.root.glob(f"attempts/render/1/*/{frame}.bin")))


def opened(path: Path) -> Path:
    """A sealed or published file, made writable by whoever means harm."""
    path.chmod(0o644)
    return path


def visible(projects: Path) -> list[str]:
    """Version folders that a reader can see."""
    return sorted(path.parent.name for path in projects.rglob("manifest.json") if ".staging" not in path.parts)


def staged(projects: Path) -> list[Path]:
    """What lies in staging."""
    return [path for place in projects.glob("*/.staging") for path in place.iterdir()]
