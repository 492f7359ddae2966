"""Cuts that hosts open as sequences, and sequences that they write back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import opentimelineio as otio
import pytest
from command_line import write_cut
from rpc_host import Answered

Ask = Callable[..., Answered]


@pytest.fixture
def written(ask: Ask, plate: Path, tmp_path: Path) -> str:
    """The text of a cut of three shots that was put into the database."""
    text = write_cut(tmp_path / "cut.otio", plate).read_text(encoding="utf-8")
    made = ask("cut_write", {"project": "demo", "cut": "main", "otio": text}).value
    report = made["report"]
    assert (made["added"], made["version"], report["shots"], report["online"], report["missing"]) == (True, 1, 3, 2, 1)
    return text


def test_shots_of_a_cut_come_in_its_order_with_their_media(ask: Ask, written: str, plate: Path) -> None:
    del written
    found = ask("shots", {"project": "demo", "cut": "main"}).value["shots"]
    assert [(one["sequence"], one["shot"], one["media_state"]) for one in found] == [
        ("sq010", "sh010", "online"), ("sq010", "sh020", "online"), ("sq010", "sh030", "missing"),
    ]  # fmt: skip
    assert found[0]["media"] == str(plate)


def test_a_cut_is_opened_by_otio_itself_and_written_back_as_the_same(ask: Ask, written: str, plate: Path) -> None:
    del written
    text = ask("cut", {"project": "demo", "cut": "main"}).value["otio"]
    timeline = otio.adapters.read_from_string(text, "otio_json")
    clips = list(timeline.find_clips())
    assert [clip.name for clip in clips] == ["sq010_sh010", "sq010_sh020", "sq010_sh030"]
    assert clips[0].media_reference.target_url_for_image_number(0) == f"file://{plate.parent}/plate.1001.png"
    assert [clip.range_in_parent().start_time.value for clip in clips] == [0, 3, 6]
    again = ask("cut_write", {"project": "demo", "cut": "back", "otio": text}).value["report"]
    assert (again["added"], again["shots"], again["new_shots"], again["online"]) == (True, 3, 0, 2)
    other = ask("cut", {"project": "demo", "cut": "back"}).value["otio"]
    assert other.replace('"back"', '"main"') == text


def test_the_same_sequence_again_adds_nothing(ask: Ask, written: str) -> None:
    again = ask("cut_write", {"project": "demo", "cut": "main", "otio": written}).value
    assert (again["added"], again["version"], again["difference"]) == (False, 1, None)


def test_a_changed_sequence_is_shown_before_it_is_written(ask: Ask, written: str, home: Path) -> None:
    drafts = home / "cuts" / "demo"
    left, young = drafts / "left.otio", drafts / "young.otio"  # by processes that were killed
    for path in (left, young):
        path.write_text("{}")
    os.utime(left, (0, 0))
    timeline = otio.adapters.read_from_string(written, "otio_json")
    del timeline.tracks[0][1]
    asked = {"project": "demo", "cut": "main", "otio": timeline.to_json_string()}
    shown = ask("cut_write", {**asked, "dry_run": True}).value
    assert (shown["dry_run"], shown["added"], shown["version"], shown["report"]) == (True, True, 2, None)
    assert shown["difference"]["counts"]["removed"] == 1
    assert ask("cut", {"project": "demo", "cut": "main"}).value["version"] == 1
    made = ask("cut_write", asked).value
    assert (made["version"], made["difference"]["counts"]) == (2, shown["difference"]["counts"])
    assert not left.exists()
    assert len(list(drafts.iterdir())) == 3  # the young one, and what the two versions came from


def test_windows_media_of_a_cut_are_found_through_the_path_map(
    ask: Ask, plate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOTMILL_PATH_MAP", f"P:/shows={plate.parent}")
    text = write_cut(tmp_path / "cut.otio", plate).read_text(encoding="utf-8")
    text = text.replace(f'"{plate.parent}/"', '"file:///p:/shows/"')
    made = ask("cut_write", {"cut": "main", "otio": text}).value["report"]
    assert (made["online"], made["missing"]) == (2, 1)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        pytest.param({"cut": "../x", "otio": "{}"}, "E202", id="hostile name of a cut"),
        pytest.param({"cut": "main", "otio": "{}"}, "E209", id="no timeline"),
        pytest.param({"cut": "main", "otio": "{}", "rate": "x"}, "E200", id="no rate"),
        pytest.param({"cut": "main", "otio": "{}", "project": "a/b"}, "E202", id="hostile name of a project"),
    ],
)
def test_what_is_no_cut_is_refused(ask: Ask, args: dict[str, str], code: str) -> None:
    refused = ask("cut_write", args)
    assert (refused.exit_code, refused.error["code"]) == (2, code)


def test_a_cut_that_is_not_there_is_named(ask: Ask) -> None:
    assert "has no cut 'main'" in ask("cut", {"cut": "main"}).error["message"]
