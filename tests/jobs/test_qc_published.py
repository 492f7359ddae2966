"""What a technical check found is on the page that people read, and in the report's notes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qc_clips import scene, write_clip

from shotmill.pipeline.pages.findings import findings_of
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.page import page_of
from shotmill.pipeline.publish.register import read_manifest
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.publishing import PublishReport

RunJob = Callable[..., Any]  # see conftest.py


@pytest.fixture
def published(
    run_job: RunJob, tmp_path: Path, settings: Settings, sqlite_database: Database
) -> tuple[PublishReport, str]:
    """The report and the page of a check that found two black frames and a frozen one."""
    faults = {1003: lambda p: p * 0, 1004: lambda p: p * 0, 1009: lambda _: scene(1008)}
    ran = run_job("qc", [write_clip(tmp_path / "plates", faults=faults)])
    report = run_publish(ran.folder, ran.spec, settings, sqlite_database)
    page = page_of(ran.folder.root)
    assert page is not None
    return report, page.read_text(encoding="utf-8")


def test_the_page_lists_findings_by_frame_the_worst_first(published: tuple[PublishReport, str]) -> None:
    section = published[1].partition('id="findings"')[2].partition("</section>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in section.split("<tr>")[2:]]
    assert [row[:3] for row in rows] == [["error", "1003-1004", "black"], ["warning", "1009", "frozen"]]
    assert "errors and warnings: on 1003-1004,1009" in section


def test_the_verdict_is_a_note_of_the_report(published: tuple[PublishReport, str]) -> None:
    report = published[0]
    assert [note.partition(";")[0] for note in report.notes] == [
        "sq010/sh010/qc: qc of plate: 2 errors, 1 warning in 12 frames"
    ]


def test_a_report_that_cannot_be_read_is_said_to_be(published: tuple[PublishReport, str]) -> None:
    folder = Path(published[0].versions[0].folder)
    manifest = read_manifest(folder)
    [path] = folder.glob("*_qc_*.json")
    path.chmod(0o644)
    path.write_text("{}")
    found = findings_of(folder, manifest)
    assert found is not None
    assert found.problem.endswith("it is no report of this version of Shotmill")
