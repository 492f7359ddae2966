"""Objects followed through frames, one step at a time, in whichever direction the caller walks.

The predictor is given a clock of our own that counts up in both directions: what it remembers of a frame depends on
how many frames ago it was, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ....pipeline.roto.backend import Hint, Mask
from ....schema.errors import EmptyMaskError
from ..walks import Place, check_step, given_back
from .frames import Frames
from .masks import made_masks
from .memory import TRACKED, forget, held_bytes, held_outputs, new_state
from .prompts import tell
from .snapshots import packed_walk, unpacked_walk

if TYPE_CHECKING:
    from ....pipeline.roto.backend import Picture
    from .model import Model


class Sam2Propagator:
    """Starts walks, and goes on with those that were interrupted."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def start(self, width: int, height: int) -> Sam2Run:
        """Begin with no object; the first step's hints bring them."""
        return Sam2Run(self._model, width, height)

    def resume(self, width: int, height: int, snapshot: bytes) -> Sam2Run:
        """Go on from a snapshot.

        Raises:
            InputCorruptError: it is none of ours, was cut short, or was made with another model, size or precision.
        """
        run = Sam2Run(self._model, width, height)
        run.place = unpacked_walk(self._model, run.state, snapshot)
        return run


class Sam2Run:
    """A walk under way."""

    def __init__(self, model: Model, width: int, height: int) -> None:
        self._model = model
        self._size = width, height
        self._frames = Frames(model.options.image_size, model.device)
        self.state = new_state(model, self._frames, self._size)
        self.place = Place()

    @property
    def held_frames(self) -> int:
        """Pictures in memory, with those prepared ahead."""
        return self._frames.held

    @property
    def held_outputs(self) -> int:
        """Frames that are remembered, over all objects."""
        return held_outputs(self.state)

    @property
    def held_bytes(self) -> int:
        """Of all that is remembered."""
        return held_bytes(self.state)

    def prepare(self, frame: int, picture: Picture) -> None:
        """Do what a frame's step needs no model for; another thread may call it while a step runs."""
        self._frames.prepare(frame, picture)

    def step(self, frame: int, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        """Go to the next frame; a mask for each object that has begun.

        Raises:
            BadRequestError: the picture has another size, the frame lies behind, or an object is corrected before it
                began.
            EmptyMaskError: nothing was found where the hints of an object that begins say.
        """
        check_step(frame, picture, hints, size=self._size, begun=self.state["obj_id_to_idx"])
        place = self.place.next(frame)
        self._frames.show(place.index, frame, picture)
        outputs: dict[str, dict[str, Any]] = {}
        sureness: dict[str, Any] = {}
        begun = list(self.state["obj_ids"])
        with self._model.working():
            for name in begun:
                if name not in hints or hints[name].corrects:
                    self._model.take_sureness()
                    outputs[name] = self._tracked(place.index, name)
                    sureness[name] = self._model.take_sureness()
            for name, hint in hints.items():
                self._model.take_sureness()
                outputs[name] = tell(self._model, self.state, place.index, name, hint)
                sureness[name] = self._model.take_sureness()
                _refuse_empty(outputs[name], name, frame)
            names = list(self.state["obj_ids"])
            if hints:
                self._model.predictor.propagate_in_video_preflight(self.state)
            width, height = self._size
            masks = (
                made_masks(
                    self._model, [outputs[n] for n in names], [sureness[n] for n in names], width=width, height=height
                )
                if names
                else []
            )
            forget(self._model, self.state, place.index)
        self.place = place
        return {name: given_back(mask, hints.get(name)) for name, mask in zip(names, masks, strict=True)}

    def snapshot(self) -> bytes:
        """All that ``Sam2Propagator.resume`` needs: memories, pointers and prompted frames, some 4 MB an object."""
        return packed_walk(self._model, self.state, self.place)

    def _tracked(self, index: int, name: str) -> dict[str, Any]:
        given = self.state["obj_id_to_idx"][name]
        remembered = self.state["output_dict_per_obj"][given]
        output, _ = self._model.predictor._run_single_frame_inference(  # noqa: SLF001 - pinned; its own loop holds all
            inference_state=self.state,
            output_dict=remembered,
            frame_idx=index,
            batch_size=1,
            is_init_cond_frame=False,
            point_inputs=None,
            mask_inputs=None,
            reverse=False,
            run_mem_encoder=True,
        )
        remembered[TRACKED][index] = output
        self.state["frames_tracked_per_obj"][given][index] = {"reverse": False}
        return dict(output)


def _refuse_empty(output: dict[str, Any], name: str, frame: int) -> None:
    if not bool((output["pred_masks"] > 0).any()):
        raise EmptyMaskError(
            f"sam2 found nothing of object {name!r} on frame {frame} where the prompts say",
            hint="add points inside it, or a box around it",
            frame=frame,
            object=name,
        )
