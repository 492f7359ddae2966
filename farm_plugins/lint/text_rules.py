"""Parameters in text that something runs, and texts without bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .bundle import Bundle, is_text, sequence
from .finding import Hit
from .shells import SHELLS, Program, programs
from .template import Parameter, Script, expressions, job_parameters, scripts, values_in, without_expressions

FREE_TYPES = frozenset({"STRING", "PATH", "LIST[STRING]", "LIST[PATH]"})
_HARMLESS = re.compile(r"[A-Za-z0-9_.,:@%+=/-]*")


def shell_text(bundle: Bundle) -> Iterator[Hit]:
    """Parameters of any text in what a shell runs."""
    return _free_text_in(bundle, shells=True)


def code_text(bundle: Bundle) -> Iterator[Hit]:
    """Parameters of any text in what Python or its like runs."""
    return _free_text_in(bundle, shells=False)


def _free_text_in(bundle: Bundle, *, shells: bool) -> Iterator[Hit]:
    of_job = job_parameters(bundle)
    for script in scripts(bundle):
        free = free_values(of_job, script)
        for program in programs(script):
            if (program.language in SHELLS) is shells:
                yield from _hits(bundle, program, free)


def _hits(bundle: Bundle, program: Program, free: dict[str, str]) -> Iterator[Hit]:
    seen: dict[str, int] = {}
    first = {expression: line for line, expression in reversed(expressions(program.text))}
    for expression, line in reversed(first.items()):
        if "repr_" in expression:  # EXPR's functions that quote for an interpreter
            continue
        words = values_in(expression) | set(re.findall(r"(?<![\w.])[A-Za-z_]\w*(?![\w.(])", expression))
        for name in sorted(words & free.keys()):
            seen.setdefault(name, line)
    for name, line in seen.items():
        where = f" in line {line}" if "\n" in program.text.strip() else ""
        what = f"{name} ({free[name]}) stands in text that {program.language} runs{where}"
        yield Hit(bundle.template.name, program.place, what)


def free_values(of_job: tuple[Parameter, ...], script: Script) -> dict[str, str]:
    """Names whose value may be any text, each with its type."""
    free = {one.name: one.type for one in of_job if one.type in FREE_TYPES and not _is_harmless(one, "allowedValues")}
    for one in script.parameters:
        if one.type in FREE_TYPES and not _is_harmless_range(one, free):
            free[one.name] = one.type
    for name, expression in script.bindings:
        from_free = (values_in(expression) | set(re.findall(r"\b[A-Za-z_]\w*\b", expression))) & free.keys()
        if from_free and "repr_" not in expression:
            free[name] = f"from {min(from_free)}"
    return free


def _is_harmless(parameter: Parameter, key: str) -> bool:
    """Whether all that a parameter may be is listed, and means nothing to a shell."""
    allowed = sequence(parameter.given.get(key))
    return bool(allowed) and all(is_text(one) and _HARMLESS.fullmatch(one) for one in allowed)


def _is_harmless_range(parameter: Parameter, free: dict[str, str]) -> bool:
    items = sequence(parameter.given.get("range"))
    for one in items:
        if not is_text(one):
            continue
        plain = without_expressions(one)
        named = {name for _line, expression in expressions(one) for name in values_in(expression)}
        if named & free.keys() or not _HARMLESS.fullmatch(plain):
            return False
    return bool(items)


def unbounded_string(bundle: Bundle) -> Iterator[Hit]:
    """STRING parameters that may be of any length."""
    for parameter in job_parameters(bundle):
        is_string = parameter.type in {"STRING", "LIST[STRING]"}
        if is_string and not {"maxLength", "allowedValues", "item"} & parameter.given.keys():
            what = f"{parameter.name} ({parameter.type}) has neither maxLength nor allowedValues"
            yield Hit(bundle.template.name, parameter.place, what)
