"""Who waits for what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .jobs import DEPEND, WAITING, Frame, Job, Layer, new_id
from .spec import DependSpec, Spec


@dataclass(eq=False)
class Depend:
    """Frames that wait for a job, a layer or a frame."""

    frames: Sequence[Frame]
    on: Job | Layer | Frame
    any_frame: bool = False
    id: str = field(default_factory=new_id)

    def hold(self) -> None:
        for frame in self.frames:
            frame.held.add(self.id)
            frame.state = DEPEND

    def satisfy(self) -> None:
        for frame in self.frames:
            if self.id in frame.held:
                frame.held.remove(self.id)
                if not frame.held and frame.state == DEPEND:
                    frame.state = WAITING


def depends_of(spec: Spec, jobs: Sequence[Job], fault: type[Exception]) -> list[Depend]:
    """All depends of a document; raises the fault where one names what is not there."""
    return [made for one in spec.depends for made in _made(one, jobs, fault)]


def _made(spec: DependSpec, jobs: Sequence[Job], fault: type[Exception]) -> Iterator[Depend]:
    who = _named(jobs, (spec.job, spec.layer, spec.frame), fault)
    on = _named(jobs, (spec.on_job, spec.on_layer, spec.on_frame), fault)
    if spec.kind == "FRAME_BY_FRAME" and isinstance(who, Layer) and isinstance(on, Layer):
        for frame in who.frames:
            for other in on.frames:
                if set(frame.frames) & set(other.frames):
                    yield Depend([frame], other)
        return
    frames = [who] if isinstance(who, Frame) else list(who.frames() if isinstance(who, Job) else who.frames)
    yield Depend(frames, on, spec.any_frame)


def _named(jobs: Sequence[Job], names: tuple[str, str, str], fault: type[Exception]) -> Job | Layer | Frame:
    job_name, layer_name, frame_name = names
    job = next((job for job in jobs if job.name == job_name), None)
    found: Job | Layer | Frame | None = job
    if job is not None and frame_name:
        found = job.frame(frame_name)
    elif job is not None and layer_name:
        found = job.layer(layer_name)
    if found is None:
        raise fault(f"failed to create a depend: {names} does not exist")
    return found
