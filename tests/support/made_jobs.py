"""Generated jobs: whatever our checks let through, and farms can take."""

from __future__ import annotations

from hypothesis import strategies as st
from specs import spec

from shotmill.farm_plugins.opencue.lower import CueSite
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec, Needs, Priority, Step, publish_step

SITE = CueSite(show="testing", facility="local", shot="sh010", uid=1000)


def _as_kept(name: str) -> str:
    while "__" in (name := name.lower().replace("-", "_").replace("__", "_")):
        pass
    return name


names = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{2,20}", fullmatch=True).filter(
    lambda name: name.lower() not in {"con", "publish"} and len(_as_kept(name)) > 2
)
frame_sets = st.sets(st.integers(0, 4_000), min_size=1, max_size=60).map(FrameSet.of)


@st.composite
def farm_needs(draw: st.DrawFn) -> Needs:
    gpu = draw(st.integers(0, 4))
    return Needs(
        cpu=draw(st.integers(1, 24)),
        memory_mib=draw(st.integers(16, 262_144)),
        gpu=gpu,
        gpu_memory_mib=draw(st.integers(0, 25_600)) if gpu else 0,
    )


@st.composite
def farm_jobs(draw: st.DrawFn) -> JobSpec:
    """A job that every farm takes: each step may wait for any of those before it, and perhaps all are published."""
    chosen = draw(st.lists(names, min_size=1, max_size=5, unique_by=_as_kept))
    steps: list[Step] = []
    for name in chosen:
        after = draw(st.lists(st.sampled_from([one.name for one in steps]), unique=True)) if steps else []
        made = Step(
            name=name,
            task="work",
            frames=draw(frame_sets),
            chunk=draw(st.integers(1, 20)),
            contiguous=draw(st.booleans()),
            after=tuple(after),
            needs=draw(farm_needs()),
            retries=draw(st.integers(0, 5)),
            timeout_s=draw(st.integers(1, 604_800)),
        )
        steps.append(made)
    if draw(st.booleans()):
        steps.append(publish_step(*chosen))
    given = draw(st.uuids(version=4))
    return spec(*steps, name=draw(names), id=str(given), priority=draw(st.sampled_from(Priority)))
