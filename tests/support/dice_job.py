"""A job type whose picture depends on a file that is no input of it: made again, it may differ."""

from __future__ import annotations

from pathlib import Path

PACKAGE = '''
from __future__ import annotations

from pathlib import Path

import numpy as np
from shotmill.pipeline.images import write_image
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobType, OutputSpec, Params, Step, publish_step
from shotmill.schema.media import EntityRef
from shotmill.schema.task import FileMade, OutputMade, TaskContext, Written


class DiceParams(Params):
    """What decides the picture."""

    seed: str
    frames: FrameSet = FrameSet((1, 2))


def steps(params: DiceParams) -> list[Step]:
    shot = EntityRef(project="show", kind="shot", parent="sq010", name="sh010")
    output = OutputSpec(
        product="dice", entity=shot, name="dice", representation="png", extension="png", frames=params.frames
    )
    return [Step(name="roll", task="roll", frames=params.frames, model="sam", outputs=(output,)), publish_step("roll")]


def roll(task: TaskContext[DiceParams]) -> Written:
    files = []
    for frame in task.frames:
        grey = int(Path(task.params.seed).read_text()) if frame == 1 else 7
        write_image(task.staging / f"{frame}.png", np.full((4, 8, 3), grey, np.uint8))
        files.append(FileMade(f"{frame}.png", frame))
    size = {"width": 8, "height": 4}
    facts = {"weights": "ab" * 16}
    made = OutputMade(product="dice", representation="png", files=files, colourspace="sRGB", facts=facts, **size)
    return Written(outputs=[made], done=task.frames)


TASKS = {"roll": roll}
JOB = JobType(
    name="dice", summary="A dice", params=DiceParams, steps=steps, tasks="studio_dice", reads_pixels=False
)
'''


def install_dice(site: Path) -> Path:
    """Install the job type ``dice`` into a folder that goes on PYTHONPATH."""
    info = site / "studio_dice-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "studio_dice.py").write_text(PACKAGE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: studio-dice\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[shotmill.jobs]\ndice = studio_dice\n")
    return site
