"""The templates of the job types that Shotmill ships: what they were, and what each version of OpenJD accepts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from deadline_hosts import openjd_environment
from specs import clip, spec_of_type

from shotmill.farm_plugins.openjd import compile_template
from shotmill.jobs import job_type_names

GOLDEN = Path(__file__).with_name("golden")
DECODE = """
import importlib.metadata, json, sys
from openjd.model import decode_job_template
for path in sys.argv[1:]:
    decode_job_template(template=json.load(open(path)), supported_extensions=["TASK_CHUNKING"])
print(importlib.metadata.version("openjd-model"))
"""


@pytest.fixture
def templates(tmp_path: Path) -> dict[str, Path]:
    """The template of a job of each type that Shotmill ships, over two clips."""
    found = {}
    for name in job_type_names():
        found[name] = tmp_path / f"{name}.json"
        found[name].write_bytes(compile_template(spec_of_type(name, clip(1, "1001-1010"), clip(2, "1-5"))))
    return found


def test_deadline_fact_1_shipped_templates_are_what_they_were(templates: dict[str, Path]) -> None:
    """A change here is one that farms see: look at it, then write the files anew."""
    assert sorted(templates) == sorted(path.stem for path in GOLDEN.glob("*.json"))
    assert {name: path.read_text() for name, path in templates.items()} == {
        path.stem: path.read_text() for path in GOLDEN.glob("*.json")
    }


def test_deadline_fact_1_shipped_templates_pass_both_versions_of_openjd(templates: dict[str, Path]) -> None:
    elsewhere = openjd_environment().python
    versions = []
    for python in (Path(sys.executable), elsewhere):
        ended = subprocess.run(
            [python, "-c", DECODE, *templates.values()], capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 0, ended.stderr
        versions.append(ended.stdout.split()[0].rpartition(".")[0])
    assert versions == ["0.14", "0.13"]


def test_deadline_fact_15_nothing_resolves_to_the_empty_openjd_cli() -> None:
    root = Path(__file__).parents[2]
    assert not [path.name for path in root.glob("requirements*.lock") if "openjd-cli" in path.read_text()]
    asked = "import importlib.metadata as m; print(m.version('openjd-cli'))"
    python = openjd_environment().python
    assert subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout == "0.8.0\n"
