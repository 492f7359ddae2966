"""Quality: figures of the mattes, frames to check, a contact sheet with overlays and a preview movie."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....pipeline.images import read_matte
from ....pipeline.roto.qc import QcPlan, RotoFrame, Said, write_qc
from ....schema.media import Rate
from ....schema.roto_qc import RotoSpeed
from ....schema.task import FileMade, OutputMade, TaskContext, Written
from ..params import RotoParams
from ..steps import EXPORT, MATTE, OVERLAY, PREVIEW, PROPAGATE, QC, SEGMENT
from .plate import all_backends, channel_of, facts_of, pictures_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_RATE = Rate(24)  # of a preview whose plate does not say its own


def qc(task: TaskContext[RotoParams]) -> Written:
    """Look at all mattes; write ``qc.json``, the sheet and the preview."""
    params, facts = task.params, facts_of(task)
    pictures, mattes = pictures_of(task, facts), Mattes(task)
    names = [one.name for one in params.objects]
    count = len(facts.frames)

    def look(frame: int) -> RotoFrame:
        task.progress((frame - facts.frames.first) / count, f"frame {frame}")
        said = {name: Said(*mattes.sure[frame][name]) for name in names}
        return RotoFrame(frame, pictures[frame], {name: mattes.read(frame, name) for name in names}, said)

    made = {QC: f"{params.product}.qc.json", OVERLAY: "overlay.jpg", PREVIEW: "preview.mp4"}
    plan = QcPlan(
        numbers=facts.frames.frames,
        objects=names,
        look=look,
        rate=facts.rate or NO_RATE,
        heading=f"{params.clips[0].name} {params.product}",
        speed=_speed(task),
    )
    paths = {name: task.staging / file for name, file in made.items()}
    found = write_qc(plan, document=paths[QC], sheet=paths[OVERLAY], preview=paths[PREVIEW])
    about = {**all_backends(task), "to_check": sorted({one.frame for one in found.to_check})}
    product = task.step.outputs[0].product
    outputs = [
        OutputMade(product, name, [FileMade(file)], colourspace=None if name == QC else facts.display, facts=about)
        for name, file in made.items()
    ]
    return Written(outputs=outputs, done=task.frames)


class Mattes:
    """The mattes of the step before, by frame and object.

    Attributes:
        sure: frame -> object -> how sure the backends are, and why not more.
    """

    def __init__(self, task: TaskContext[RotoParams]) -> None:
        self._alone = len(task.params.objects) == 1
        self._limits = task.tools.limits
        self._paths: dict[int, Path] = {}
        self.sure: dict[int, dict[str, tuple[float, str]]] = {}
        for output, folder in task.upstream_files(MATTE):
            self._paths.update({file.frame: folder / file.path for file in output.files if file.frame is not None})
            for frame, objects in output.facts["confidence"].items():
                self.sure[int(frame)] = {name: (sure, reason) for name, (sure, reason) in objects.items()}

    def read(self, frame: int, name: str) -> NDArray[np.float32]:
        """(h, w) float32 coverage of an object, in stored pixels of the display window."""
        return read_matte(self._paths[frame], channel_of(name, alone=self._alone), limits=self._limits)


def _speed(task: TaskContext[RotoParams]) -> RotoSpeed:
    """How long the steps before took, as their receipts say."""
    walked = [receipt for step in task.step.after if step.startswith(PROPAGATE) for receipt in task.upstream[step]]
    stepped: dict[Any, int] = {}
    for receipt in walked:
        for output in receipt.outputs:
            if "stepped" in output.facts:
                stepped[receipt.step, output.facts["walk"]] = output.facts["stepped"]
    seconds = sum(receipt.wall_s for receipt in walked)
    frames = sum(stepped.values())
    found = task.upstream.get(SEGMENT, ())
    exported = [receipt.wall_s for receipt in task.upstream.get(EXPORT, ())]
    return RotoSpeed(
        device=platform.processor() or platform.machine(),
        first_frame_s=min((receipt.wall_s for receipt in found), default=None),
        propagation_fps=frames / seconds if frames and seconds else None,
        export_s=sum(exported) if exported else None,
    )
