"""Sentences for artists, made of what Shotmill answers. No Qt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
NOW_S = 5  # younger than this is "now"
MANY = 3  # places that are named before they are counted
MAX_FRAMES = 1_000_000  # as Shotmill allows them
_PART = re.compile(r"(-?\d{1,10})(?:-(-?\d{1,10})(?:[x:](\d{1,10}))?)?")
_FLAG = re.compile(r"--([a-z][a-z0-9-]*[a-z0-9])")
FRAMES_FORM = "write frames as 1001-1096, 1-100x2 or 1-5,9"
NAMED = 2  # versions of a job; more would fill the panel
ENDED = ("succeeded", "failed", "cancelled")
_MARKS = {"succeeded": "\u2713", "failed": "\u2717", "cancelled": "\u2013", "blocked": "!"}


def counted(number: int, noun: str) -> str:
    """``1 task``, ``2 tasks``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}s"


def read_frames(text: str) -> list[range]:
    """The ranges of a frame list; empty text has none.

    Raises:
        ValueError: says how frames are written.
    """
    ranges = []
    for part in text.replace(" ", "").split(","):
        if not part and not text.strip():
            continue
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(FRAMES_FORM)
        first = int(found[1])
        last = int(found[2]) if found[2] else first
        step = int(found[3] or 1)
        if step == 0:
            raise ValueError("frames cannot be counted in steps of 0")
        low, high = min(first, last), max(first, last)
        ranges.append(range(low, high + 1, step) if first <= last else range(first, low - 1, -step))
    if sum(map(len, ranges)) > MAX_FRAMES:
        raise ValueError(f"that is more than {MAX_FRAMES:,} frames; split the job")
    return ranges


def told_frames(text: str) -> str:
    """What was typed, read back: ``1001-1100, 100 frames``; empty text gives nothing.

    Raises:
        ValueError: says how frames are written.
    """
    ranges = read_frames(text)
    if not ranges:
        return ""
    frames = set(ranges[0]) if len(ranges) == 1 else {frame for one in ranges for frame in one}
    return f"{min(frames)}-{max(frames)}, {counted(len(frames), 'frame')}"


def told_time(seconds: float) -> str:
    """``20 s``, ``3 min``, ``2 h 10 min``, ``4 days``."""
    if seconds < MINUTE_S:
        return f"{max(1, round(seconds))} s"
    if seconds < HOUR_S:
        return f"{round(seconds / MINUTE_S)} min"
    if seconds < DAY_S:
        hours, minutes = divmod(round(seconds / MINUTE_S), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return counted(round(seconds / DAY_S), "day")


def told_age(created: str, now: datetime) -> str:
    """How long ago something was, of its time in ISO 8601; nothing where the time cannot be read."""
    when = _instant(created)
    if when is None:
        return ""
    seconds = (now - when).total_seconds()
    return "now" if seconds < NOW_S else f"{told_time(seconds)} ago"


def _instant(text: str) -> datetime | None:
    """Python 3.7 reads no ``Z``, and fractions of three or six digits alone."""
    plain = re.sub(r"\.\d+", "", str(text)).replace("Z", "+00:00")
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def told_steps(steps: Sequence[Mapping[str, Any]]) -> str:
    """How far a job is: ``detect ✓  segment ✓  propagate 41/96``."""
    return "   ".join(_told_step(step) for step in steps)


def _told_step(step: Mapping[str, Any]) -> str:
    done, total = _count(step)
    mark = _MARKS.get(str(step.get("state")))
    if mark == _MARKS["succeeded"]:
        return f"{step['name']} {mark}"
    return f"{step['name']} {mark + ' ' if mark else ''}{done}/{total}"


def _count(step: Mapping[str, Any]) -> tuple[int, int]:
    return int(step.get("done") or 0), int(step.get("total", step.get("tasks")) or 0)


def share_done(steps: Sequence[Mapping[str, Any]]) -> float:
    """How much of a job's tasks are done, 0..1."""
    done, total = (sum(numbers) for numbers in zip(*map(_count, steps))) if steps else (0, 0)
    return min(1.0, done / total) if total else 0.0


def told_plan(plan: Mapping[str, Any]) -> str:
    """What a plan comes to: ``12 tasks, about 3 min, publishes thumbnail v004 in sq010/sh020``."""
    parts = [counted(int(plan.get("tasks") or 0), "task")]
    seconds = _expected(plan.get("estimate"))
    if seconds:
        parts.append(f"about {told_time(seconds)}")
    cost = _cost(plan.get("estimate"))
    if cost:
        parts.append(cost)
    told = [_told_publish(one) for one in plan.get("versions") or plan.get("publishes") or []]
    if told:
        more = f" and {counted(len(told) - MANY, 'more place')}" if len(told) > MANY else ""
        parts.append(f"publishes {', '.join(told[:MANY])}{more}")
    return ", ".join(parts)


def told_place(plan: Mapping[str, Any]) -> str:
    """Where a plan would publish: ``into /shows/demo/sq020/thumbnail/v004 and 2 more folders``; nothing if unknown."""
    folders = [str(one["folder"]) for one in plan.get("versions") or [] if one.get("folder")]
    projects = str(plan.get("projects") or "")
    if not folders:
        return f"into {projects}" if projects else ""
    more = f" and {counted(len(folders) - 1, 'more folder')}" if len(folders) > 1 else ""
    return f"into {folders[0]}{more}"


def _expected(estimate: Mapping[str, Any] | None) -> float:
    """Seconds of work, of the past's median."""
    if not estimate:
        return 0.0
    hours = float(estimate["cpu_hours"]["p50"]) + float(estimate["gpu_hours"]["p50"])
    return hours * HOUR_S


def _cost(estimate: Mapping[str, Any] | None) -> str:
    cost = estimate.get("cost") if estimate else None
    return f"{cost['p50']:.2f} {estimate.get('currency') or ''}".strip() if estimate and cost else ""


def _told_publish(one: Any) -> str:
    """An address such as ``demo/sq010/sh020/thumbnail``, alone or with the version that comes next."""
    found = one if isinstance(one, Mapping) else {"address": one}
    address = str(found.get("address") or "").partition("@")[0]
    _project, _, rest = address.replace(":", "/", 1).partition("/")
    where, _, product = rest.rpartition("/")
    version = found.get("version")
    return f"{product}{f' v{version:03d}' if isinstance(version, int) else ''} in {where}"


def told_before(before: Mapping[str, Any] | None) -> str:
    """What did the same before; nothing where nothing did."""
    if not before:
        return ""
    versions = list(before.get("versions") or [])
    if versions:
        more = f" and {counted(len(versions) - 1, 'other')}" if len(versions) > 1 else ""
        return f"Published already as {versions[0]}{more}; tick New version to make another."
    return f"{before['job']} does the same already: it is {before['state']}."


def label_of(version: Mapping[str, Any]) -> str:
    """A version for people: ``sq010/sh010/roto v003``."""
    owner, product, number = version.get("owner", ""), version.get("product", ""), int(version["version"])
    return f"{owner}/{product} v{number:03d}"


def told_versions(versions: Sequence[Mapping[str, Any]]) -> str:
    """What a job published: the first few by name, and how many more there are."""
    named = [label_of(one) for one in versions[:NAMED]]
    more = len(versions) - len(named)
    return ", ".join([*named, *([f"and {more} more"] if more else [])])


def told_submit(value: Mapping[str, Any]) -> str:
    """What became of a submit."""
    job = value.get("job") or {}
    handle = job.get("handle", "")
    if value.get("is_new", True):
        return f"{handle} is submitted: {counted(int(value.get('tasks') or 0), 'task')} on {job.get('engine')}"
    if value.get("versions"):
        return f"The same was published already by {handle}; tick New version to publish it again"
    return f"The same job is there already: {handle} is {job.get('state', 'known')}"


def flags_in(message: str) -> list[str]:
    """Names of the parameters whose flags a message names."""
    return [found.replace("-", "_") for found in _FLAG.findall(message)]


def in_labels(message: str, labels: Mapping[str, str]) -> str:
    """The message as somebody reads it who sees a form: labels for the flags of the command line."""

    def label(found: re.Match[str]) -> str:
        name = found[1].replace("-", "_")
        return f"\u2018{labels[name]}\u2019" if name in labels else found[0]

    return _FLAG.sub(label, message)


def told_fault(code: str, message: str, hint: str) -> str:
    """One sentence and what to do, as it is copied into a chat."""
    sentence = message.strip()
    if sentence and sentence[-1] not in ".!?":
        sentence += "."
    mend = f" What to do: {hint.strip()}" if hint.strip() else ""
    return f"{sentence}{mend}{f' ({code})' if code else ''}"
