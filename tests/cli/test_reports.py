"""``report``: what a publish did, or why there is nothing to tell."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest
from command_line import Looked, Shotmill, run_process, wait_until


def report_of(looked: Looked) -> Path:
    (found,) = (looked.home / "jobs" / looked.done).glob("publish/report-*.json")
    return found


def test_a_report_names_versions_and_what_was_checked(lived_in: Looked, shotmill: Shotmill) -> None:
    said = shotmill("report", lived_in.done).out
    assert said.startswith(f"{lived_in.done} published: ")
    assert re.search(r"^local/sq010/sh010/thumbnail v001  \d+ files?, \S+ \S+  /.*/v001$", said, re.MULTILINE)
    assert re.search(r"^ok     ValidateFrames ", said, re.MULTILINE)
    report = report_of(lived_in)
    assert said.endswith(f"report: {report}\npage: {report.with_suffix('.html')}\n")


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


def test_the_page_is_made_anew_and_named(lived_in: Looked, shotmill: Shotmill) -> None:
    page = report_of(lived_in).with_suffix(".html")
    before = page.read_text()
    page.unlink()
    assert shotmill("report", lived_in.done, "--json").json["page"] is None
    found = shotmill("report", lived_in.done, "--html", "--json").json
    assert found["page"] == str(page)
    assert "sq010/sh010" in page.read_text()
    assert page.read_text().splitlines()[0] == before.splitlines()[0] == "<!DOCTYPE html>"


def test_a_page_is_opened_in_a_browser(lived_in: Looked, tmp_path: Path) -> None:
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened.new; mv {tmp_path}/opened.new {tmp_path}/opened\n')
    opener.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert run_process("report", lived_in.done, "--open", home=lived_in.home, env=path).stderr == ""
    wait_until((tmp_path / "opened").is_file)
    assert (tmp_path / "opened").read_text() == f"{report_of(lived_in).with_suffix('.html')}\n"


def test_where_no_browser_is_the_page_is_named(
    lived_in: Looked, shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = shotmill("report", lived_in.done, "--open")
    page = report_of(lived_in).with_suffix(".html")
    assert (ran.exit_code, ran.err) == (0, f"note: no browser could be started here; open {page}\n")


def test_a_page_that_cannot_be_written_is_named(
    lived_in: Looked, shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("shotmill.pipeline.publish.page.write_whole", full)
    ran = shotmill("report", lived_in.done, "--html")
    assert ran.err.startswith(f"E301 no space is left for {report_of(lived_in).with_suffix('.html')}")
