"""Objects followed through frames, one step at a time, in whichever direction the caller walks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ....pipeline.roto.backend import Hint, Mask
from ....pipeline.roto.classical.segment import find, mended
from ....schema.errors import BadRequestError, EmptyMaskError
from ..early import Early
from ..edges import judged
from ..walks import Kind, Place, Tensors, check_step, packed, unpacked
from .masks import as_chances, as_image, made_mask, shrunk, working_size
from .memory import OBJECT, Seen, facts_of, fill_track, forget_prompts, new_track, tensors_of

if TYPE_CHECKING:
    from ....pipeline.roto.backend import Logits, Picture
    from .model import Model

VERSION = 1  # of what is in a snapshot


class CutiePropagator:
    """Starts walks, and goes on with those that were interrupted."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def start(self, width: int, height: int) -> CutieRun:
        """Begin with no object; the first step's hints bring them."""
        return CutieRun(self._model, width, height)

    def resume(self, width: int, height: int, snapshot: bytes) -> CutieRun:
        """Go on from a snapshot.

        Raises:
            InputCorruptError: it is none of ours, was cut short, or was made with another model, size or options.
        """
        run = CutieRun(self._model, width, height)
        run.fill(snapshot)
        return run


class CutieRun:
    """A walk under way: a memory for each object, and the current frame's features for all of them."""

    def __init__(self, model: Model, width: int, height: int) -> None:
        self._model = model
        self._size = width, height
        self._small = working_size(width, height, model.options.image_size)
        self._early = Early(lambda picture: shrunk(picture, self._small), model.device)
        self._kind = Kind("cutie", VERSION, model.identity, self._size)
        self._place = Place()
        self.seen = Seen(model.network)
        self.tracks: dict[str, Any] = {}

    @property
    def held_bytes(self) -> int:
        """Of all that is remembered."""
        return sum(tensor.nbytes for _, tensor in self._remembered())

    def prepare(self, frame: int, picture: Picture) -> None:
        """Do what a frame's step needs no model for; another thread may call it while a step runs."""
        self._early.prepare(frame, picture)

    def step(self, frame: int, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        """Go to the next frame; a mask for each object that has begun.

        Raises:
            BadRequestError: the picture has another size, the frame lies behind, an object is corrected before it
                began, or begins without a mask.
            EmptyMaskError: there is nothing in the mask with which an object begins.
        """
        check_step(frame, picture, hints, size=self._size, begun=self.tracks)
        place = self._place.next(frame)
        self.seen.forget()
        masks = {}
        with self._model.working():
            image = as_image(self._early.take(frame, picture), self._model.device)
            for name in [*self.tracks, *(name for name in hints if name not in self.tracks)]:
                hint = hints.get(name)
                if hint is None:
                    masks[name] = self._made(self.tracks[name].step(image))
                elif hint.corrects and hint.mask is None:
                    masks[name] = self._mended(name, picture, image, hint)
                else:
                    masks[name] = self._begun(name, frame, picture, image, hint)
        self.seen.forget()
        self._place = place
        return masks

    def snapshot(self) -> bytes:
        """All that ``CutiePropagator.resume`` needs."""
        facts = {"objects": [[name, facts_of(track)] for name, track in self.tracks.items()]}
        return packed(self._kind, self._place, facts, self._remembered())

    def fill(self, snapshot: bytes) -> None:
        """Take in a snapshot; raises as ``CutiePropagator.resume``."""

        def take(facts: Mapping[str, Any], tensors: Tensors) -> None:
            for number, (name, known) in enumerate(facts["objects"]):
                own = {key.split(":")[1]: each for key, each in tensors.items() if key.startswith(f"{number}:")}
                track = new_track(self._model, self.seen, self._small)
                fill_track(track, known, own)
                self.tracks[name] = track

        self._place = unpacked(self._kind, snapshot, self._model.device, take)

    def _remembered(self) -> Iterator[tuple[str, Any]]:
        for number, track in enumerate(self.tracks.values()):
            for name, tensor in tensors_of(track):
                yield f"{number}:{name}", tensor

    def _made(self, chances: Any) -> Mask:
        return made_mask(self._model, chances, *self._size)

    def _begun(self, name: str, frame: int, picture: Picture, image: Any, hint: Hint) -> Mask:
        """An object that begins here, or is set anew."""
        if hint.mask is None:
            raise BadRequestError(
                f"cutie follows masks, and object {name!r} begins on frame {frame} without one",
                hint="have a backend that segments find its mask first",
                frame=frame,
                object=name,
            )
        logits = find(picture, name, hint).logits if hint.points else hint.mask
        if not (logits > 0).any():
            raise EmptyMaskError(
                f"there is nothing in the mask with which object {name!r} begins on frame {frame}",
                hint="add points inside it, or a box around it",
                frame=frame,
                object=name,
            )
        if name not in self.tracks:
            self.tracks[name] = new_track(self._model, self.seen, self._small)
        return self._told(name, image, logits)

    def _mended(self, name: str, picture: Picture, image: Any, hint: Hint) -> Mask:
        """What arrives, as an artist's clicks say."""
        track = self.tracks[name]
        arrived = self._made(track.step(image, end=True)).logits  # remembers nothing of it
        track.curr_ti -= 1
        return self._told(name, image, mended(picture, name, arrived, hint).logits)

    def _told(self, name: str, image: Any, logits: Logits) -> Mask:
        """A mask, remembered as an artist's."""
        track = self.tracks[name]
        chances = as_chances(logits, self._small, self._model.device)
        track.step(image, chances, [OBJECT], idx_mask=False, force_permanent=True)
        forget_prompts(track)
        return judged(logits, 1.0, seen=True, expected=1.0, random_weights=self._model.options.random_weights)
