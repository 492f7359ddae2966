"""``report``: what a publish did, or why there is nothing to tell."""

from __future__ import annotations

import re
from pathlib import Path

from command_line import Looked, Shotmill


def report_of(looked: Looked) -> Path:
    (found,) = (looked.home / "jobs" / looked.done).glob("publish/report-*.json")
    return found


def test_a_report_names_versions_and_what_was_checked(lived_in: Looked, shotmill: Shotmill) -> None:
    said = shotmill("report", lived_in.done).out
    assert said.startswith(f"{lived_in.done} published: ")
    assert re.search(r"^local/sq010/sh010/thumbnail v001  \d+ files?, \S+ \S+  /.*/v001$", said, re.MULTILINE)
    assert re.search(r"^ok     ValidateFrames ", said, re.MULTILINE)
    assert said.endswith(f"report: {report_of(lived_in)}\n")


def test_the_newest_report_is_shown(lived_in: Looked, shotmill: Shotmill) -> None:
    first = report_of(lived_in)
    later = first.with_name("report-10-abcdef.json")
    later.write_text(first.read_text().replace('"published"', '"refused"').replace('"failure": null', '"failure": "X"'))
    found = shotmill("report", lived_in.done, "--json").json
    later.unlink()
    assert (found["path"], found["summary"].split(":")[0]) == (str(later), "refused")
    assert "X" in found["text"].splitlines()


def test_a_job_that_has_not_published_has_no_report(lived_in: Looked, shotmill: Shotmill) -> None:
    ran = shotmill("report", lived_in.failed)
    assert ran.exit_code == 64
    assert ran.err.startswith(f"E211 {lived_in.failed} has no publish report: its publish step has not run\n")


def test_a_report_that_is_cut_off_is_named(lived_in: Looked, shotmill: Shotmill) -> None:
    cut = report_of(lived_in).with_name("report-11-abcdef.json")
    cut.write_text("{")
    ran = shotmill("report", lived_in.done)
    cut.unlink()
    assert (ran.exit_code, ran.err.split(":")[0]) == (65, f"E205 {cut} cannot be read")
