"""The parts of a template that rules look at, however broken it is: parameters, steps, scripts, actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .bundle import Bundle, is_text, mapping, sequence, text, texts

SUGAR = ("bash", "python", "cmd", "powershell", "node")  # scripts of FEATURE_BUNDLE_1, by their interpreter
ACTIONS = ("onRun", "onEnter", "onExit", "onWrapTaskRun", "onWrapEnvEnter", "onWrapEnvExit")
_FORMAT = re.compile(r"\{\{((?:(?!\{\{|\}\}).)*)\}\}", re.DOTALL)  # never over another {{: that would take hours
_VALUE = re.compile(r"(?<![\w.])(Task\.)?(?:Raw)?Param\.([A-Za-z_]\w*)")
_BINDING = re.compile(r"\s*([A-Za-z_]\w*)\s*=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Parameter:
    """A parameter of the job, or of the tasks of a step; ``name`` is as format strings say it."""

    place: str
    name: str
    type: str
    given: Mapping[str, Any]


@dataclass(frozen=True)
class File:
    """An embedded file; ``name`` is as format strings say it."""

    place: str
    name: str
    filename: str
    text: str
    language: str = ""


@dataclass(frozen=True)
class Action:
    """One command with its arguments, each with its place; ``command`` is empty where a script stands instead."""

    place: str
    name: str
    command: str
    args: tuple[tuple[str, str], ...]
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Script:
    """A script of a step or an environment.

    Attributes:
        step: name of the step it is of; empty for an environment of the job.
        parameters: task parameters that it sees.
        bindings: names that ``let`` gives, with what they stand for.
    """

    place: str
    step: str
    files: tuple[File, ...]
    actions: tuple[Action, ...]
    parameters: tuple[Parameter, ...]
    bindings: tuple[tuple[str, str], ...]

    @cached_property
    def words(self) -> str:
        """All that the script says, one piece a line."""
        pieces = [file.text for file in self.files]
        pieces += [word for action in self.actions for _place, word in action.args]
        return "\n".join(pieces)


@dataclass(frozen=True)
class Step:
    """One step."""

    place: str
    name: str
    given: Mapping[str, Any]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its task parameters."""
        space = mapping(self.given.get("parameterSpace"))
        place = f"{self.place}.parameterSpace.taskParameterDefinitions"
        return tuple(_parameters(space.get("taskParameterDefinitions"), place, "Task.Param."))


def job_parameters(bundle: Bundle) -> tuple[Parameter, ...]:
    """The parameters of the job."""
    given = mapping(bundle.template.document).get("parameterDefinitions")
    return tuple(_parameters(given, "$.parameterDefinitions", "Param."))


def _parameters(given: Any, place: str, prefix: str) -> Iterator[Parameter]:
    for index, one in enumerate(sequence(given)):
        found = mapping(one)
        yield Parameter(f"{place}[{index}]", prefix + text(found.get("name")), text(found.get("type")).upper(), found)


def steps(bundle: Bundle) -> tuple[Step, ...]:
    """The steps of the job."""
    given = sequence(mapping(bundle.template.document).get("steps"))
    return tuple(Step(f"$.steps[{n}]", text(mapping(one).get("name")), mapping(one)) for n, one in enumerate(given))


def scripts(bundle: Bundle) -> tuple[Script, ...]:
    """The scripts of all environments and steps."""
    return tuple(_scripts(bundle))


def step_scripts(step: Step) -> tuple[Script, ...]:
    """The scripts of a step itself, without its environments."""
    found = [_script(step.given["script"], f"{step.place}.script", "Task", step)] if "script" in step.given else []
    found += [_sugar(step, name) for name in SUGAR if name in step.given]
    return tuple(found)


def _scripts(bundle: Bundle) -> Iterator[Script]:
    document = mapping(bundle.template.document)
    if bundle.is_environment:
        yield _environment(document["environment"], "$.environment")
    for index, one in enumerate(sequence(document.get("jobEnvironments"))):
        yield _environment(one, f"$.jobEnvironments[{index}]")
    for step in steps(bundle):
        for index, one in enumerate(sequence(step.given.get("stepEnvironments"))):
            yield _environment(one, f"{step.place}.stepEnvironments[{index}]", step)
        yield from step_scripts(step)


def _environment(given: Any, place: str, step: Step | None = None) -> Script:
    found = mapping(given)
    return _script(found.get("script"), f"{place}.script", "Env", step)


def _script(given: Any, place: str, scope: str, step: Step | None) -> Script:
    found = mapping(given)
    actions = mapping(found.get("actions"))
    return Script(
        place,
        step.name if step else "",
        tuple(_files(found.get("embeddedFiles"), f"{place}.embeddedFiles", scope)),
        tuple(_action(actions[name], f"{place}.actions.{name}", name) for name in ACTIONS if name in actions),
        step.parameters if step and scope == "Task" else (),
        tuple(_bindings(found, step)),
    )


def _sugar(step: Step, language: str) -> Script:
    place, given = f"{step.place}.{language}", mapping(step.given[language])
    file = File(f"{place}.script", "", "", text(given.get("script")), language)
    action = _action({key: value for key, value in given.items() if key != "command"}, place, "onRun")
    return Script(place, step.name, (file,), (action,), step.parameters, tuple(_bindings(given, step)))


def _files(given: Any, place: str, scope: str) -> Iterator[File]:
    for index, one in enumerate(sequence(given)):
        found = mapping(one)
        name = f"{scope}.File.{text(found.get('name'))}"
        yield File(f"{place}[{index}].data", name, text(found.get("filename")), text(found.get("data")))


def _action(given: Any, place: str, name: str) -> Action:
    found = mapping(given)
    args = [(f"{place}.args[{n}]", one) for n, one in enumerate(sequence(found.get("args"))) if is_text(one)]
    return Action(place, name, text(found.get("command")), tuple(args), found)


def _bindings(given: Mapping[str, Any], step: Step | None) -> Iterator[tuple[str, str]]:
    both = [*sequence(step.given.get("let") if step else None), *sequence(given.get("let"))]
    for one in both:
        if match := _BINDING.fullmatch(text(one)):
            yield match.group(1), match.group(2)


def expressions(given: str) -> list[tuple[int, str]]:
    """What stands between double braces, each with its line."""
    found, line, at = [], 1, 0
    for match in _FORMAT.finditer(given):
        line += given.count("\n", at, match.start())
        at = match.start()
        found.append((line, match.group(1)))
    return found


def without_expressions(given: str) -> str:
    """A text without what stands between double braces."""
    return _FORMAT.sub("", given)


def values_in(expression: str) -> set[str]:
    """The parameters that an expression names, as ``Param.X`` or ``Task.Param.X``."""
    return {f"{task}Param.{name}" for task, name in _VALUE.findall(expression)}


def all_texts(bundle: Bundle) -> Iterator[tuple[str, str, str]]:
    """Every text of every document: file, place, text."""
    for source in bundle.sources:
        for place, found in texts(source.document):
            yield source.name, place, found
