"""Form: files that cannot be read, limits, and what OpenJD's own library says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...schema.names import plain_text
from .bundle import Bundle, mapping, sequence, texts
from .finding import Hit
from .step_rules import find_circle
from .template import job_parameters, steps

MORE = "FEATURE_BUNDLE_1"
MAX_TEMPLATE = 1_000_000  # characters; Deadline Cloud's CreateJob
MAX_TASK_PARAMETERS = 16
MAX_RANGE_ITEMS = 1024
MAX_AMOUNTS = 50
MAX_NOTIFY_S = 600
MAX_DESCRIPTION = 2048
MAX_STRING = 1024
# What openjd-model 0.13 and 0.14 allow: plain, and with FEATURE_BUNDLE_1.
JOB_NAME, NAME, PARAMETERS, FILE_NAME = (128, 512), (64, 512), (50, 200), (64, 256)


def unreadable(bundle: Bundle) -> Iterator[Hit]:
    """Files that are no documents."""
    yield from bundle.unreadable


def doubled(bundle: Bundle) -> Iterator[Hit]:
    """Documents that are there twice."""
    for name in bundle.doubled:
        yield Hit(f"{name}.json", "$", f"{name}.yaml lies beside it")


def repeated_key(bundle: Bundle) -> Iterator[Hit]:
    """Keys that one mapping has twice."""
    for source in bundle.sources:
        for key, line in source.repeated:
            yield Hit(source.name, f"line {line}" if line else "$", f"key {key[:60]!r} is there twice")


def limits(bundle: Bundle) -> Iterator[Hit]:
    """What is longer, or more, than OpenJD or Deadline Cloud takes."""
    name = bundle.template.name
    for place, what, found, most in _measured(bundle):
        if found > most:
            yield Hit(name, place, f"{what}: {found}, at most {most} are allowed")


def _measured(bundle: Bundle) -> Iterator[tuple[str, str, int, int]]:
    """Place, what is counted, how much there is, how much may be."""
    document, more = mapping(bundle.template.document), int(MORE in bundle.extensions)
    yield "$", "characters of the template", len(bundle.template.text), MAX_TEMPLATE
    yield "$.name", "characters of the job's name", _length(document.get("name")), JOB_NAME[more]
    parameters = job_parameters(bundle)
    yield "$.parameterDefinitions", "parameters", len(parameters), PARAMETERS[more]
    for one in parameters:
        yield f"{one.place}.name", "characters of a parameter's name", _length(one.given.get("name")), NAME[more]
        yield f"{one.place}.default", "characters of a default", _length(one.given.get("default")), MAX_STRING
    for place, found in texts(document):
        if place.endswith(".description"):
            yield place, "characters of a description", len(found), MAX_DESCRIPTION
        elif re.search(r"embeddedFiles\[\d+\]\.filename$", place):
            yield place, "characters of a file's name", len(found), FILE_NAME[more]
        elif re.search(r"[eE]nvironments?(\[\d+\])?\.name$", place):
            yield place, "characters of an environment's name", len(found), NAME[more]
    yield from _measured_steps(bundle, more)


def _measured_steps(bundle: Bundle, more: int) -> Iterator[tuple[str, str, int, int]]:
    for step in steps(bundle):
        yield f"{step.place}.name", "characters of a step's name", len(step.name), NAME[more]
        yield f"{step.place}.parameterSpace", "task parameters", len(step.parameters), MAX_TASK_PARAMETERS
        for one in step.parameters:
            yield f"{one.place}.range", "values in a list", len(sequence(one.given.get("range"))), MAX_RANGE_ITEMS
        amounts = sequence(mapping(step.given.get("hostRequirements")).get("amounts"))
        yield f"{step.place}.hostRequirements.amounts", "amounts", len(amounts), MAX_AMOUNTS
        action = mapping(mapping(mapping(step.given.get("script")).get("actions")).get("onRun"))
        notify = mapping(action.get("cancelation")).get("notifyPeriodInSeconds")
        place = f"{step.place}.script.actions.onRun.cancelation"
        yield place, "seconds of notice", notify if isinstance(notify, int) else 0, MAX_NOTIFY_S


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str) else 0


def refused(bundle: Bundle) -> Iterator[Hit]:
    """What OpenJD's own library says of the template."""
    document = bundle.template.document
    if any(hit.file == bundle.template.name for hit in bundle.unreadable) or _would_crash(bundle):
        return
    words = _refusal(document, is_environment=bundle.is_environment)
    if words:
        yield Hit(bundle.template.name, "$", words)


def _would_crash(bundle: Bundle) -> bool:
    """openjd-model 0.13 and 0.14 end in an IndexError on a circle of steps."""
    waits = {
        step.name: [str(mapping(one).get("dependsOn")) for one in sequence(step.given.get("dependencies"))]
        for step in steps(bundle)
    }
    return bool(find_circle(waits))


def _refusal(document: Any, *, is_environment: bool) -> str:
    from openjd.model import DecodeValidationError, decode_environment_template, decode_job_template  # noqa: PLC0415 - slow
    from openjd.model.v2023_09 import ExtensionName  # noqa: PLC0415 - slow

    decode = decode_environment_template if is_environment else decode_job_template
    try:
        decode(template=document, supported_extensions=[one.value for one in ExtensionName])
    except (DecodeValidationError, NotImplementedError) as error:
        return _one_line(str(error))
    except Exception as error:  # noqa: BLE001 - whatever a stranger's template does to it is a finding, not our end
        return f"openjd-model broke on it: {type(error).__name__}"
    return ""


def _one_line(words: str) -> str:
    """The first of the library's complaints, and how many more there are."""
    lines = [line.strip() for line in plain_text(words).splitlines() if line.strip()]
    count = re.match(r"(\d+) validation errors?\b", lines[0]) if lines else None
    if count is None:
        return " ".join(lines)[:300]
    first = " ".join(lines[1:3])[:300]
    more = int(count.group(1)) - 1
    return f"{first} (and {more} more)" if more else first
