"""``review``, ``note``, ``notes``, ``audit`` and ``versions``, as people type them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Shotmill, write_frames

COMP = "demo:sq010/sh010/comp@v001"


@pytest.fixture
def published(shotmill: Shotmill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Handle of the job that published the first comp of sh010; its user is ann."""
    monkeypatch.setenv("SHOTMILL_USER", "ann")
    monkeypatch.setenv("SHOTMILL_PROJECT", "demo")
    plate = write_frames(tmp_path / "media", 1001, 1002, 1003)
    ran = shotmill("publish", plate, "--product", "comp", "--shot", "sq010/sh010", "--json")
    assert ran.exit_code == 0, ran.err
    handle: str = ran.json["job"]["handle"]
    return handle


def test_a_version_is_judged_and_found_by_its_judgement(
    published: str, shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert published
    assert shotmill("path", "sq010/sh010/comp@approved").err.startswith(
        "E211 nothing of demo:sq010/sh010/comp is approved"
    )
    monkeypatch.setenv("SHOTMILL_USER", "sue")
    ran = shotmill("review", "sq010/sh010/comp", "approve", "--note", "final", "--frame", "1002")
    assert ran.out.splitlines() == [f"{COMP} was pending, is approved; noted", f"approved  {COMP}"]
    assert shotmill("path", "sq010/sh010/comp@approved").out == shotmill("path", "sq010/sh010/comp").out
    assert "approved" in shotmill("versions").out
    assert [row["review"] for row in shotmill("versions", "--approved", "--json").json["versions"]] == ["approved"]
    shown = shotmill("notes", "sq010/sh010/comp@approved").out.splitlines()
    assert re.match(rf"{COMP}  approved, by sue \d+ s ago", shown[0])
    assert re.fullmatch(r"sue +\d+ s +1002 +final", shown[2].strip())
    assert shotmill("review", "sq010/sh010/comp", "approve").out == f"{COMP} is approved already\n"
    refused = shotmill("review", "sq010/sh010/comp", "omit")
    assert (refused.exit_code, refused.err.split()[0]) == (69, "E403")
    assert shotmill("review", "sq010/sh010/comp", "reopen").out.endswith("approved  nothing of it any more\n")


def test_the_audit_of_a_shot_tells_its_whole_story_newest_last(published: str, shotmill: Shotmill) -> None:
    shotmill("note", COMP, "edges", "--frame", "1003")
    shotmill("review", COMP, "reject")
    story = [(event["actor"], event["verb"], event["subject"]) for event in _audit(shotmill, "sq010/sh010")]
    assert story == [
        ("ann", "submit", published),
        ("ann", "publish", COMP),
        ("ann", "note", COMP),
        ("ann", "review", COMP),
    ]
    for wider in ("sq010", "demo:"):
        assert [event["verb"] for event in _audit(shotmill, wider)] == [verb for _who, verb, _what in story]
    assert _audit(shotmill, "sq010/sh01") == []
    assert [event["verb"] for event in _audit(shotmill, COMP)] == ["publish", "note", "review"]
    assert [event["verb"] for event in _audit(shotmill, published)] == ["submit"]
    assert "review" in shotmill("audit", "sq010/sh010").out.splitlines()[-1]


def test_cancelling_and_trying_again_are_in_the_audit(
    shotmill: Shotmill, tmp_path: Path, frozen_engine: object
) -> None:
    assert frozen_engine is not None
    plate = write_frames(tmp_path / "media", 1001)
    handle = shotmill("submit", "thumbnail", plate, "--shot", "sq010/sh020", "--json").json["job"]["handle"]
    shotmill("cancel", handle)
    shotmill("retry", handle)
    assert [event["verb"] for event in _audit(shotmill, handle)] == ["submit", "cancel", "retry"]
    assert [event["verb"] for event in _audit(shotmill, "local:sq010/sh020")] == ["submit", "cancel", "retry"]


def test_changing_the_tables_is_in_the_audit(shotmill: Shotmill) -> None:
    shotmill("versions")
    assert shotmill("db", "downgrade", "--yes").exit_code == 0
    assert shotmill("db", "upgrade").exit_code == 0
    assert [event["verb"] for event in _audit(shotmill, "database")] == ["db-downgrade", "db-upgrade"]


def _audit(shotmill: Shotmill, *what: str) -> list[dict[str, str]]:
    ran = shotmill("audit", *what, "--json")
    assert ran.exit_code == 0, ran.err
    found: list[dict[str, str]] = ran.json["events"]
    return found
