"""A walk: objects followed from frame to frame, with what is known already taken from the cache."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...schema.errors import InputCorruptError
from ..hashes import hash_bytes
from .ahead import AHEAD, Ahead
from .cache import FrameCache, next_key
from .masks import pack_mask

if TYPE_CHECKING:
    from .backend import Hint, Pictures, Propagator, Run

STATE_EVERY = 10  # frames between two states that are kept: what is walked again after a kill is less than that
WALKS = 1  # raised when the same walk would give other masks
KEY_LENGTH = 32


@dataclass(frozen=True)
class State:
    """Where a walk stands: the key of its last frame, and the run's snapshot behind it."""

    key: str
    snapshot: bytes

    def pack(self) -> bytes:
        """As bytes."""
        return self.key.encode() + self.snapshot

    @classmethod
    def unpack(cls, content: bytes) -> State:
        """Of bytes.

        Raises:
            InputCorruptError: they are none.
        """
        if len(content) < KEY_LENGTH:
            raise InputCorruptError("the state of a walk was cut short; run the task before it again")
        return cls(content[:KEY_LENGTH].decode("ascii", errors="replace"), content[KEY_LENGTH:])


@dataclass
class Walking:
    """Objects on their way.

    Attributes:
        make: makes the propagator; called when a frame is not in the cache.
        pictures: of the plate.
        identity: of a frame's picture, as a hash.
        hints: frame -> object -> what is said there.
        maker: all that masks depend on beside pictures and hints: backend, its version, weights and options.
        cache: where masks and states are kept.
        begun: where an earlier part of the walk ended; None: it begins with its first frame.
        stepped: frames that were worked on.
    """

    make: Callable[[], Propagator]
    pictures: Pictures
    identity: Callable[[int], str]
    hints: Mapping[int, Mapping[str, Hint]]
    maker: str
    cache: FrameCache
    begun: State | None = None
    stepped: int = 0
    _run: Run | None = field(default=None, init=False)
    _at: int = field(default=-1, init=False)
    _keys: list[str] = field(default_factory=list, init=False)
    _frames: Sequence[int] = field(default=(), init=False)
    _ahead: Ahead = field(init=False)

    def __post_init__(self) -> None:
        self._ahead = Ahead(self.pictures)

    def follow(self, frames: Sequence[int]) -> Iterator[tuple[int, dict[str, bytes]]]:
        """Each frame with the packed mask of each object, in the order of the walk; pictures are read ahead."""
        try:
            yield from self._followed(frames)
        finally:
            self._ahead.close()

    def _followed(self, frames: Sequence[int]) -> Iterator[tuple[int, dict[str, bytes]]]:
        self._frames, self._keys, self._run, self._at = frames, [], None, -1
        key = self.begun.key if self.begun else next_key("", WALKS, self.maker)
        for at, frame in enumerate(frames):
            key = next_key(key, frame, self.identity(frame), told(self.hints.get(frame, {})))
            self._keys.append(key)
            kept = self.cache.get(key)
            masks = None if kept is None else split(kept)
            if masks is None:
                masks = self._made(at)
            yield frame, masks

    def state(self) -> State:
        """Where the walk stands behind its last frame."""
        last = len(self._keys) - 1
        kept = self.cache.get(f"{self._keys[last]}-state")
        if self._at != last and kept is not None:
            return State(self._keys[last], kept)
        if self._at != last:
            self._made(last)
            self._ahead.close()
        if self._run is None:
            raise InputCorruptError("a walk without a frame has no state")
        return State(self._keys[last], self._run.snapshot())

    def _made(self, at: int) -> dict[str, bytes]:
        """Bring the run to a frame, step by step from the nearest known state; the frame's masks."""
        if self._run is None or self._at >= at:
            self._run, self._at = self._nearest(at)
        elif (known := self._kept_state(at, after=self._at)) is not None:
            self._run, self._at = known
        masks: dict[str, bytes] = {}
        for index in range(self._at + 1, at + 1):
            frame = self._frames[index]
            picture = self._ahead.take(frame, self._frames[index + 1 : index + 1 + AHEAD], run=self._run)
            found = self._run.step(frame, picture, self.hints.get(frame, {}))
            self.stepped += 1
            self._at = index
            masks = {name: pack_mask(mask) for name, mask in sorted(found.items())}
            self.cache.put(self._keys[index], join(masks))
            if (index + 1) % STATE_EVERY == 0 or index + 1 == len(self._frames):
                self.cache.put(f"{self._keys[index]}-state", self._run.snapshot())
        return masks

    def _nearest(self, at: int) -> tuple[Run, int]:
        known = self._kept_state(at, after=-1)
        if known is not None:
            return known
        width, height = self.pictures.width, self.pictures.height
        if self.begun is None:
            return self.make().start(width, height), -1
        return self.make().resume(width, height, self.begun.snapshot), -1

    def _kept_state(self, at: int, *, after: int) -> tuple[Run, int] | None:
        """The run behind the last frame before this one whose state is kept."""
        for index in range(at - 1, after, -1):
            kept = self.cache.get(f"{self._keys[index]}-state")
            if kept is not None:
                return self.make().resume(self.pictures.width, self.pictures.height, kept), index
        return None


def told(hints: Mapping[str, Hint]) -> str:
    """What hints say, as a hash."""
    said = []
    for name, hint in sorted(hints.items()):
        points = [(point.x, point.y, point.inside) for point in hint.points]
        box = None if hint.box is None else tuple(hint.box.model_dump().values())
        mask = "" if hint.mask is None else hash_bytes(hint.mask.tobytes())
        said.append((name, points, box, mask, hint.corrects))
    return hash_bytes(repr(said).encode())


def join(masks: Mapping[str, bytes]) -> bytes:
    """Packed masks of several objects as one."""
    header = json.dumps([[name, len(packed)] for name, packed in masks.items()]).encode()
    return len(header).to_bytes(4, "little") + header + b"".join(masks.values())


def split(content: bytes) -> dict[str, bytes]:
    """The packed masks that ``join`` put together."""
    end = 4 + int.from_bytes(content[:4], "little")
    found = {}
    for name, size in json.loads(content[4:end]):
        found[str(name)] = content[end : end + size]
        end += size
    return found
