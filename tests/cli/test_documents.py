"""JSON: what every reading command prints fits the schema that is shipped with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from command_line import Looked, Shotmill

import shotmill as package
from shotmill.schema.output import DOCUMENTS
from shotmill.submitters.cli.commands.explain import schema_text

SHIPPED = Path(package.__file__).resolve().parent / "schema" / "json"


def schema_of(name: str) -> Any:
    return json.loads((SHIPPED / f"{name}.json").read_text(encoding="utf-8"))


READING = {
    "jobs": ("jobs",),
    "jobs, filtered": ("jobs", "--mine", "--state", "failed", "--limit", "1"),
    "status": ("status", "DONE"),
    "status of a failure": ("status", "FAILED"),
    "tasks": ("tasks", "FAILED"),
    "failures": ("failures", "--since", "2h"),
    "plan": ("plan", "thumbnail", "PLATE"),
    "submit": ("submit", "thumbnail", "--cut", "main"),
    "versions": ("versions",),
    "versions, latest": ("versions", "--latest", "--product", "thumbnail"),
    "versions of a job": ("versions", "--job", "DONE"),
    "report": ("report", "DONE"),
    "retry": ("retry", "FAILED", "--dry-run"),
    "retry, with nothing to do": ("retry", "DONE"),
    "path": ("path", "sq010/sh010/thumbnail"),
    "lineage": ("lineage", "sq010/sh010/thumbnail@v001"),
    "doctor": ("doctor",),
    "doctor, of the database": ("db", "check"),
    "verify": ("verify", "--all"),
    "shots": ("shots",),
    "shots of a cut": ("shots", "--cut", "main"),
    "config": ("config", "list"),
    "config of one": ("config", "explain", "home"),
    "conformance": ("conformance", "--engine", "opencue"),
    "colour": ("colour", "explain", "sq010/sh010"),
    "colour-spaces": ("colour", "spaces"),
    "explain": ("explain", "E204"),
    "explain a job": ("explain", "FAILED"),
    "engines": ("engine", "status"),
    "keepers": ("keeper", "list"),
    "lint": ("lint", "BUNDLE"),
    "probe": ("probe", "PLATE"),
}


@pytest.mark.parametrize("what", READING)
def test_json_fits_its_shipped_schema(what: str, lived_in: Looked, shotmill: Shotmill) -> None:
    named = {"DONE": lived_in.done, "FAILED": lived_in.failed, "PLATE": str(lived_in.plate)}
    named["BUNDLE"] = str(lived_in.home / "jobs" / lived_in.done / "bundle")
    ran = shotmill(*(named.get(word, word) for word in READING[what]), "--json")
    jsonschema.validate(ran.json, schema_of(what.replace(",", "").split()[0]))
    assert ran.exit_code == 0


def test_an_ingest_in_json_fits_its_schema(lived_in: Looked, shotmill: Shotmill) -> None:
    ran = shotmill("ingest", lived_in.home.parent / "cut.otio", "--cut", "main", "--json")
    jsonschema.validate(ran.json, schema_of("ingest"))
    assert (ran.json["added"], ran.json["version"]) == (False, 1)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["jobs", "--limit", "many"], id="usage"),
        pytest.param(["status", "J-NONE"], id="ours"),
        pytest.param(["submit", "thumbnail", "/no/such/plate.mov"], id="data"),
    ],
)
def test_errors_in_json_fit_their_schema(command: list[str], shotmill: Shotmill) -> None:
    ran = shotmill(*command, "--json")
    jsonschema.validate(json.loads(ran.err), schema_of("error"))
    assert ran.out == ""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_shipped_schemas_are_those_of_the_documents(name: str) -> None:
    shipped = (SHIPPED / f"{name}.json").read_text(encoding="utf-8")
    assert shipped == schema_text(name), "run: shotmill schema --write"


def test_no_schema_is_left_over() -> None:
    assert {path.stem for path in SHIPPED.glob("*.json")} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_schemas_are_valid_json_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(name))


def test_schema_prints_what_is_shipped(shotmill: Shotmill) -> None:
    assert shotmill("schema", "jobs").json == schema_of("jobs")
    assert shotmill("schema").out.split() == list(DOCUMENTS)


def test_a_probe_counts_the_frames(lived_in: Looked, shotmill: Shotmill) -> None:
    found = shotmill("probe", lived_in.plate, "--json").json
    assert (found["width"], found["height"], found["frames"]) == (64, 36, "1001-1003")
