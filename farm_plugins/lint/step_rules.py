"""Steps: what they wait for, how long they may run, and how they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .bundle import Bundle, mapping, sequence, text
from .finding import Hit
from .template import Step, scripts, steps


def cycle(bundle: Bundle) -> Iterator[Hit]:
    """Steps that wait for each other."""
    waits = {step.name: [name for _place, name in _waits_for(step)] for step in steps(bundle)}
    places = {step.name: step.place for step in steps(bundle)}
    circle = find_circle(waits)
    if circle:
        shown = [one[:60] for one in circle]
        words = " -> ".join(shown if len(shown) <= 12 else [*shown[:6], "...", *shown[-5:]])  # noqa: PLR2004 - a line
        yield Hit(bundle.template.name, f"{places[circle[0]]}.dependencies", f"steps wait for each other: {words}")


def find_circle(waits: Mapping[str, Sequence[str]]) -> list[str]:
    """The names of a circle, the first one twice; empty where there is none."""
    left = {name: {one for one in after if one in waits} for name, after in waits.items()}
    waited_by: dict[str, list[str]] = {name: [] for name in left}
    for name, after in left.items():
        for one in after:
            waited_by[one].append(name)
    ready = [name for name, after in left.items() if not after]
    while ready:
        done = ready.pop()
        del left[done]
        for name in waited_by[done]:
            left[name].discard(done)
            if not left[name]:
                ready.append(name)
    if not left:
        return []
    path, seen = [next(iter(left))], {}
    while path[-1] not in seen:
        seen[path[-1]] = len(path) - 1
        path.append(min(left[path[-1]]))
    return path[seen[path[-1]] :]


def unknown_step(bundle: Bundle) -> Iterator[Hit]:
    """Steps that wait for one that is not there."""
    names = {step.name for step in steps(bundle)}
    for step in steps(bundle):
        for place, name in _waits_for(step):
            if name not in names:
                yield Hit(
                    bundle.template.name, place, f"step {step.name[:60]!r} waits for {name[:60]!r}, which is not there"
                )


def _waits_for(step: Step) -> Iterator[tuple[str, str]]:
    for index, one in enumerate(sequence(step.given.get("dependencies"))):
        name = text(mapping(one).get("dependsOn"))
        if name:
            yield f"{step.place}.dependencies[{index}]", name


def no_timeout(bundle: Bundle) -> Iterator[Hit]:
    """Actions that may hang for ever."""
    for script in scripts(bundle):
        for action in script.actions:
            if "timeout" not in action.given:
                yield Hit(bundle.template.name, action.place, f"{action.name} has no timeout")


def no_notice(bundle: Bundle) -> Iterator[Hit]:
    """Tasks that are killed without a word."""
    for script in scripts(bundle):
        for action in script.actions:
            mode = mapping(action.given.get("cancelation")).get("mode")
            if action.name == "onRun" and mode != "NOTIFY_THEN_TERMINATE":
                yield Hit(bundle.template.name, action.place, f"{action.name} is killed at once when it is cancelled")
