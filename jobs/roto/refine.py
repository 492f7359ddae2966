"""A version refined: what it was made from, with new prompts beside the old ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .words import read_objects


def refined(before: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Parameters of a roto that mends an earlier one.

    A prompt on a frame that had one takes its place; a correction on a frame where an object is told anew adds its
    points there.

    Args:
        before: parameters of the published version, as JSON.
        given: what was filled in now; all but objects takes the place of what was said before.

    Returns:
        The parameters, and what is new of the prompts: an object and a frame each, as text.

    Raises:
        ValueError: a short text cannot be read, or an object is corrected that the version does not have.
    """
    objects = {one["name"]: dict(one) for one in before.get("objects", ())}
    added = []
    for new in read_objects(given.get("objects", ())):
        plain = new if isinstance(new, Mapping) else new.model_dump(mode="json")
        _refuse_unknown(plain, objects)
        known = objects.setdefault(str(plain.get("name")), {**plain, "prompts": []})
        prompts = {prompt["frame"]: prompt for prompt in known["prompts"]}
        for prompt in plain.get("prompts", ()):
            frame = prompt.get("frame")
            added.append(f"{plain.get('name')} @{frame}{' fix' if prompt.get('corrects') else ''}")
            prompts[frame] = _joined(prompts.get(frame), prompt)
        known["prompts"] = sorted(prompts.values(), key=lambda prompt: int(prompt.get("frame", 0)))
    kept = {name: value for name, value in before.items() if name not in {"refine", "parent"}}
    return {**kept, **given, "objects": list(objects.values())}, added


def _refuse_unknown(new: Mapping[str, Any], objects: Mapping[str, Any]) -> None:
    prompts = list(new.get("prompts", ()))
    if new.get("name") not in objects and prompts and all(prompt.get("corrects") for prompt in prompts):
        raise ValueError(
            f"the version has no object {new.get('name')!r} to correct; it has: {', '.join(objects) or 'none'}; "
            "name one of these, or say where the new one is"
        )


def _joined(before: Mapping[str, Any] | None, new: Mapping[str, Any]) -> dict[str, Any]:
    if before is None or before.get("corrects") or not new.get("corrects"):
        return dict(new)
    return {**before, "points": [*before.get("points", ()), *new.get("points", ())]}
