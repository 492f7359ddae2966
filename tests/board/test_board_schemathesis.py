"""The API against its own document: schemathesis, a program of its own environment, over a board that is served."""

from __future__ import annotations

import os
import subprocess
import uuid
from pathlib import Path

import pytest
from board_jobs import FailedJob, Served
from environments import environment

PINS = (
    "anyio==4.16.0", "certifi==2026.10.18", "charset-normalizer==3.5.2", "click==8.5.1", "graphql-core==3.3.2",
    "harfile==0.6.0", "hypothesis==6.170.15", "hypothesis-graphql==0.13.5", "idna==3.20", "iniconfig==2.3.1",
    "jsonschema-rs==0.60.3", "markdown-it-py==4.3.0", "markupsafe==3.0.4", "mdurl==0.1.2", "packaging==26.3",
    "pluggy==1.7.0", "pygments==2.21.0", "pyrate-limiter==4.5.1", "pytest==9.2.0", "pyyaml==6.0.3", "requests==2.34.2",
    "rich==15.0.0", "schemathesis==4.32.5", "sortedcontainers==2.4.0", "typing-extensions==4.16.0", "urllib3==2.8.0",
    "werkzeug==3.1.9",
)  # fmt: skip
# What a document cannot say is told with 422: whether a plate is there, whether text is a cut.
CONFIG = """
[parameters]
job = "{job}"
"path.project" = "demo"
version = "{version}"
file = "{file}"

[phases.coverage]
unexpected-methods = ["DELETE", "OPTIONS"]

[checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
"""
EXAMPLES = 2  # of each operation
LONGEST_S = 600
LONGEST_ANSWER_S = 60  # of a machine that has much else to do


@pytest.mark.slow
def test_schemathesis_finds_nothing(board: Served, failed: FailedJob, picture: uuid.UUID, tmp_path: Path) -> None:
    [file] = board.ask(f"/api/versions/{picture}/files").json["files"]
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(job=failed.handle, version=picture, file=file["id"]))
    program = environment("schemathesis", PINS).program("st")
    argv = [
        str(program), f"--config-file={config}", "run", f"{board.url}/openapi.json", "--checks=all",
        "--phases=coverage,fuzzing", f"--max-examples={EXAMPLES}", "--seed=1", "--generation-deterministic",
        f"--request-timeout={LONGEST_ANSWER_S}", "--no-color", f"--header=Authorization: Bearer {board.board.token}",
    ]  # fmt: skip
    ran = subprocess.run(
        argv,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"Tested: {count_of(board)}" in ran.stdout
    assert "Missing test data" not in ran.stdout


def count_of(board: Served) -> int:
    """How many operations the document has."""
    document = board.ask("/openapi.json").json
    return sum(len(methods) for methods in document["paths"].values())
