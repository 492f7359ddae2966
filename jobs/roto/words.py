"""Objects in short text, as people type them.

::

    hero @1001 box 10,20,310,220 +120,80 -30,40
    hero @1001 +120,80 @1040 fix -30,40 +55,61
    car  @1001 mask /masks/car.png
    dog  @1001 text "a brown dog"

A name; then frames, each with what is said there: a box as left,top,right,bottom; points inside with ``+`` and outside
with ``-``; a mask; a text; ``fix`` before points that mend what is found there otherwise. Coordinates are pixels of the
plate as it is stored, from the upper left corner.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

FORM = 'write NAME @FRAME box L,T,R,B +X,Y -X,Y, such as "hero @1001 box 10,20,310,220 +120,80 -30,40"'
BOX_ENDS = ("left", "top", "right", "bottom")


def read_objects(given: Any) -> Any:
    """Objects as the model wants them: short texts are read, and what is said twice of one name is put together.

    Args:
        given: a list of objects and short texts, a JSON list as text, or short texts, one a line.

    Raises:
        ValueError: a text cannot be read; says which word.
    """
    if isinstance(given, str):
        given = _listed(given)
    if not isinstance(given, list | tuple):
        return given
    return _joined([read_object(one) if isinstance(one, str) else one for one in given])


def _listed(text: str) -> Any:
    if text.lstrip().startswith(("[", "{")):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the objects are no JSON: {error}") from error
        return [found] if isinstance(found, dict) else found
    return [line for line in text.splitlines() if line.strip()]


def _joined(objects: Iterable[Any]) -> list[Any]:
    """Each name once, with the prompts of all that was said of it, in order of frames."""
    found: dict[Any, Any] = {}
    for index, one in enumerate(objects):
        name = one.get("name", index) if isinstance(one, Mapping) else getattr(one, "name", index)
        if name in found and isinstance(one, Mapping) and isinstance(found[name], Mapping):
            prompts = [*_prompts(found[name]), *_prompts(one)]
            found[name] = {**found[name], **one, "prompts": prompts}
        elif name in found:
            found[index, name] = one  # the model says that a name stands twice
        else:
            found[name] = one
    return list(found.values())


def _prompts(one: Mapping[str, Any]) -> list[Any]:
    prompts = one.get("prompts", ())
    return list(prompts) if isinstance(prompts, list | tuple) else [prompts]


def read_object(text: str) -> dict[str, Any]:
    """One object of a short text.

    Raises:
        ValueError: a word cannot be read; says which, and how it is written.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"object {text[:80]!r} cannot be read: {error}; {FORM}") from error
    if not words or words[0][0] in "@+-":
        raise ValueError(f"object {text[:80]!r} has no name; {FORM}")
    prompts: list[dict[str, Any]] = []
    rest = iter(words[1:])
    for word in rest:
        if word.startswith("@"):
            prompts.append({"frame": _frame(word)})
        elif not prompts:
            raise ValueError(f"object {words[0]!r}: {word[:40]!r} stands before any @FRAME; {FORM}")
        else:
            _add(prompts[-1], word, next(rest, "") if word in {"box", "mask", "text"} else "")
    if not prompts:
        raise ValueError(f"object {words[0]!r} says no @FRAME; {FORM}")
    return {"name": words[0], "prompts": prompts}


def _add(prompt: dict[str, Any], word: str, value: str) -> None:
    if word == "fix":
        prompt["corrects"] = True
    elif word == "box":
        prompt["box"] = dict(zip(BOX_ENDS, _numbers(value, 4), strict=True))
    elif word in {"mask", "text"}:
        prompt[word] = value
    elif word[0] in "+-":
        x, y = _numbers(word[1:], 2)
        prompt.setdefault("points", []).append({"x": x, "y": y, "inside": word[0] == "+"})
    else:
        raise ValueError(f"{word[:40]!r} is no part of an object; {FORM}")


def _frame(word: str) -> int:
    try:
        return int(word[1:])
    except ValueError:
        raise ValueError(f"{word[:40]!r} is no frame; write @1001") from None


def _numbers(text: str, count: int) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if len(found) != count:
        form = "a point, such as +120,80" if count == 2 else "a box, such as 10,20,310,220"  # noqa: PLR2004 - x and y
        raise ValueError(f"{text[:40]!r} is no {form[2:]}")
    return found
