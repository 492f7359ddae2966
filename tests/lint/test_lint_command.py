"""``shotmill lint``: a table, JSON, exit codes, and nothing touched."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from strange_bundles import CLEAN, clean, runs, write

from shotmill.farm_plugins.lint import RULES
from shotmill.submitters.cli.commands.explain import schema_text
from shotmill.submitters.cli.root import invoke

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lint.md"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A bundle with one error and one note."""
    document = clean()
    runs("bash", "-c", "nuke {{Param.Note}}")(document)
    del document["steps"][0]["script"]["actions"]["onRun"]["cancelation"]
    return write(tmp_path / "bad", document)


def test_a_clean_bundle_ends_with_0(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert invoke(["lint", str(write(tmp_path, CLEAN))]) == 0
    assert capfd.readouterr().out == "clean\n"


def test_an_error_ends_with_65_and_says_what_to_do(bad: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert invoke(["lint", str(bad / "template.json")]) == 65
    out = capfd.readouterr().out
    assert "error     L201  Render  $.steps[0].script.actions.onRun.args[1]" in out
    assert "      what to do: give the value as an argument of its own" in out
    assert out.endswith("1 error, 0 warnings, 1 note\n")


def test_json_fits_its_schema(bad: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert invoke(["lint", str(bad), "--json"]) == 65
    printed: Any = json.loads(capfd.readouterr().out)
    jsonschema.validate(printed, json.loads(schema_text("lint")))
    assert (printed["ok"], printed["errors"], printed["notes"]) == (False, 1, 1)
    assert [one["code"] for one in printed["findings"]] == ["L201", "L602"]


def test_notes_alone_end_with_0(tmp_path: Path) -> None:
    document = clean()
    del document["steps"][0]["script"]["actions"]["onRun"]["cancelation"]
    assert invoke(["lint", str(write(tmp_path, document))]) == 0


def test_what_is_not_there_ends_with_65(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert invoke(["lint", str(tmp_path / "gone")]) == 65
    assert capfd.readouterr().err.startswith("E204 ")


def test_no_home_database_or_settings_are_touched(bad: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    code = (
        "import sys; from shotmill.submitters.cli.main import run\n"
        f"try: run(['--home', {str(tmp_path / 'home')!r}, 'lint', {str(bad)!r}])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "L201" in ran.stdout
    assert set(ran.stderr.split()) & {"sqlalchemy", "numpy", "OpenEXR", "OpenImageIO", "boto3", "grpc"} == set()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_the_page_knows_every_rule() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = [line.split("|")[1:4] for line in page.splitlines() if line.startswith("| L")]
    told = [(row[0].split()[0], row[0].split()[1], row[1].strip()) for row in rows]
    assert told == [(rule.code, rule.slug, rule.severity.value) for rule in RULES]
