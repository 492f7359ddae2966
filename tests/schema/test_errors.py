"""Errors: codes are unique, and the last line of a log can be read by people and programs."""

from __future__ import annotations

import re
import shlex

import pytest

from shotmill.schema import errors
from shotmill.schema.errors import InputMissingError, ShotmillError


def every_error() -> list[type[ShotmillError]]:
    found = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, ShotmillError)]
    return sorted(found, key=lambda kind: kind.code)


def test_codes_and_slugs_are_unique() -> None:
    kinds = every_error()
    assert len({kind.code for kind in kinds}) == len({kind.slug for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_the_tree_at_the_head_lists_every_error_with_its_code(kind: type[ShotmillError]) -> None:
    assert re.search(rf"\b{kind.__name__} +{kind.code}\b", errors.__doc__ or "")
    assert kind.__name__.endswith("Error")


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_no_exit_code_reads_as_out_of_memory(kind: type[ShotmillError]) -> None:
    assert kind.exit_code in {1, 64, 65, 69, 75}


def test_the_failure_line_names_code_cause_facts_and_mend() -> None:
    error = InputMissingError("plate frame 1042 is not there", hint="shotmill relink", frame=1042, path="/a b.exr")
    line = error.line(host="gpu07", attempt=2)
    assert line.startswith("SHOTMILL E204 input-missing frame=1042 path='/a b.exr' host=gpu07 attempt=2 retryable=no ")
    assert shlex.split(line)[-1] == "hint=shotmill relink"


def test_the_failure_line_stays_one_line() -> None:
    assert "\n" not in InputMissingError("a\nb", hint="c\r\nd", path="e\nf").line()
