"""The page about the protocol, the shipped schemas and what is said in truth are one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rpc_host import Answered, question

import shotmill as package
from shotmill.schema import rpc as documents
from shotmill.submitters.client import PROTOCOL
from shotmill.submitters.rpc.table import OPERATIONS

Ask = Callable[..., Answered]
ROOT = Path(package.__file__).resolve().parent
PAGE = (ROOT / "docs" / "rpc.md").read_text(encoding="utf-8") if (ROOT / "docs").is_dir() else ""


def schema_of(name: str) -> Any:
    return json.loads((ROOT / "schema" / "json" / f"{name}.json").read_text(encoding="utf-8"))


def test_the_page_tells_every_operation_with_all_its_arguments() -> None:
    rows: dict[str, set[str]] = {}
    for line in PAGE.splitlines():
        if line.startswith("| `") and line.count("|") == 4:
            names, arguments, _value = (cell.strip() for cell in line.strip("|").split("|"))
            rows |= {name: set(re.findall(r"`(\w+)`", arguments)) for name in re.findall(r"`(\w+)`", names)}
    assert set(OPERATIONS) <= set(rows)
    for name, (_module, _function, args, _line) in OPERATIONS.items():
        told = rows[name]
        fields = set(getattr(documents, args).model_fields) - {"show"}
        assert told == (set() if args == "Asked" else fields), name


def test_client_and_server_speak_one_version() -> None:
    assert documents.PROTOCOL == PROTOCOL


def test_questions_and_answers_fit_their_shipped_schemas(ask: Ask, plate: Path, no_engine: None) -> None:
    del no_engine
    asked = {"job_type": "thumbnail", "plates": [str(plate)]}
    jsonschema.validate(question("submit", asked), schema_of("rpc-request"))
    jsonschema.validate(asked, schema_of("rpc-job"))
    jsonschema.validate(ask("describe").value, schema_of("rpc-form"))
    jsonschema.validate(ask("submit", asked).value, schema_of("submit"))
    jsonschema.validate(ask("versions").value, schema_of("rpc-versions"))


@pytest.mark.parametrize("key", ["unit", "group", "advanced", "when", "kind", "filled_by"])
def test_the_page_tells_each_word_beside_a_parameter(key: str) -> None:
    assert f"| `{key}` |" in PAGE
