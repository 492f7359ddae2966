"""Which clip of the older cut is which of the newer: by shot, else by media, else by name; then by source frames."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ...schema.cutdiff import CutUse

_VERSION = re.compile(r"(?<=[_.-])v\d{1,6}(?![A-Za-z0-9])", re.IGNORECASE)

Pair = tuple[CutUse, CutUse]
Key = tuple[str, str]


@dataclass(frozen=True)
class Matched:
    """Clips that are in both cuts, and those that are in one of them, each in the order of its cut."""

    pairs: tuple[Pair, ...]
    only_old: tuple[CutUse, ...]
    only_new: tuple[CutUse, ...]


def match_uses(old: Sequence[CutUse], new: Sequence[CutUse]) -> Matched:
    """Pair the clips of two cuts, each at most once.

    Uses of one shot are told apart by their source frames: equal ones first, then those that overlap, then by order.
    So a use that leaves does not turn the others into different ones.
    """
    before, after = _by_key(old), _by_key(new)
    pairs: list[Pair] = []
    for key, uses in after.items():
        pairs += _pair(before.get(key, []), uses)
    used_old = {id(one) for one, _other in pairs}
    used_new = {id(other) for _one, other in pairs}
    return Matched(
        tuple(pairs),
        tuple(use for use in old if id(use) not in used_old),
        tuple(use for use in new if id(use) not in used_new),
    )


def without_version(media: str) -> str:
    """A path with every version token taken out, so that two versions of one plate are equal."""
    return _VERSION.sub("v", media) if media else ""


def _by_key(uses: Sequence[CutUse]) -> dict[Key, list[CutUse]]:
    found: dict[Key, list[CutUse]] = defaultdict(list)
    for use in uses:
        found[_key(use)].append(use)
    return found


def _key(use: CutUse) -> Key:
    if use.shot:
        return "shot", use.shot.lower()
    if use.media:
        return "media", without_version(use.media)
    return "name", use.name.lower()


def _pair(old: list[CutUse], new: list[CutUse]) -> list[Pair]:
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    pairs, old, new = _equal(old, new)
    more, old, new = _overlapping(old, new)
    return [*pairs, *more, *zip(old, new, strict=False)]


def _equal(old: list[CutUse], new: list[CutUse]) -> tuple[list[Pair], list[CutUse], list[CutUse]]:
    """Pairs with the same source frames of the same media, and what is left."""
    waiting: dict[tuple[str, int, int], list[CutUse]] = defaultdict(list)
    for use in reversed(old):
        waiting[use.media, use.source_in, use.source_out].append(use)
    pairs, left = [], []
    for use in new:
        found = waiting[use.media, use.source_in, use.source_out]
        if found:
            pairs.append((found.pop(), use))
        else:
            left.append(use)
    used = {id(one) for one, _other in pairs}
    return pairs, [use for use in old if id(use) not in used], left


def _overlapping(old: list[CutUse], new: list[CutUse]) -> tuple[list[Pair], list[CutUse], list[CutUse]]:
    """Pairs that share source frames, by one walk along both; and what is left, in the order of the cuts."""
    first, second = (sorted(uses, key=lambda use: (use.source_in, use.source_out)) for uses in (old, new))
    pairs: list[Pair] = []
    at = to = 0
    while at < len(first) and to < len(second):
        one, other = first[at], second[to]
        if one.source_in <= other.source_out and other.source_in <= one.source_out:
            pairs.append((one, other))
            at, to = at + 1, to + 1
        elif one.source_out < other.source_in:
            at += 1
        else:
            to += 1
    used = {id(use) for pair in pairs for use in pair}
    return pairs, [use for use in old if id(use) not in used], [use for use in new if id(use) not in used]
