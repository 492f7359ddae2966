"""What a ShotGrid site says of a production and of itself, and what its section may hold: on Mockgun."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path
from typing import Any

import pytest
import shotgun_api3
from letters import WHEN, noted_letter, publication, published_letter, still
from shotgrid_production import SITE, production
from shotgun_api3.lib.mockgun import Shotgun as Mockgun

from shotmill.pipeline.outbox.pulled import (
    PulledAsset,
    PulledNote,
    PulledPerson,
    PulledProject,
    PulledReview,
    PulledSequence,
    PulledShot,
    PulledTask,
)
from shotmill.pipeline.outbox.target import Tracker
from shotmill.pipeline.trackers.shotgrid import ShotGrid, ShotGridSection, make
from shotmill.pipeline.trackers.shotgrid.client import Translator
from shotmill.pipeline.trackers.shotgrid.site import Site
from shotmill.schema.errors import ConfigError, TargetRefusedError
from shotmill.schema.states import ReviewState

SECTION = {"server": SITE, "script": "shotmill", "key": "env:SHOTGRID_KEY"}


@pytest.fixture
def base(tmp_path: Path) -> Mockgun:
    return production(tmp_path)


def no_secret(reference: str) -> str:
    return f"what {reference} holds"


def tracker(base: Mockgun, **settings: Any) -> ShotGrid:
    return ShotGrid("shotgrid", ShotGridSection(**{**SECTION, **settings}), Site(base, SITE, Translator(SITE)))


def test_a_pull_tells_people_projects_and_what_is_in_them(base: Mockgun) -> None:
    assert list(tracker(base).pull("demo")) == [
        PulledPerson("1", "maya", "Maya B.", "maya@studio.example"),
        PulledProject("1", "demo"),
        PulledSequence("1", "demo", "sq010"),
        PulledShot("1", "demo", "sq010", "sh010", cut_in=1001, cut_out=1100, handle_in=8, handle_out=8),
        PulledAsset("1", "demo", "Character", "hero"),
        PulledTask("1", "demo", "shot", "sq010/sh010", "comp", "ip", "maya"),
        PulledTask("2", "demo", "shot", "sq010/sh010", "roto", "wtg", None),
    ]


def test_a_pull_of_everything_leaves_archived_projects_out(base: Mockgun) -> None:
    projects = [pulled.code for pulled in tracker(base).pull(None) if isinstance(pulled, PulledProject)]
    assert projects == ["demo"]


def test_a_site_may_keep_project_codes_in_another_field(base: Mockgun) -> None:
    projects = [one for one in tracker(base, project_field="tank_name").pull("dmo") if isinstance(one, PulledProject)]
    assert projects == [PulledProject("1", "dmo")]


def test_a_shot_without_a_sequence_is_left_out_and_named(base: Mockgun, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        shots = [pulled.code for pulled in tracker(base).pull("demo") if isinstance(pulled, PulledShot)]
    assert shots == ["sh010"]
    assert "shot=loose" in caplog.text


def test_a_pull_of_an_unknown_project_names_the_known_ones(base: Mockgun) -> None:
    with pytest.raises(TargetRefusedError, match="no project whose name is 'dmeo'; it shows demo"):
        list(tracker(base).pull("dmeo"))


def test_a_pull_tells_where_our_versions_stand_and_what_others_said_of_them(base: Mockgun, tmp_path: Path) -> None:
    site = tracker(base, report_note=True)
    one = publication(still(tmp_path))
    number = site.ensure(published_letter(dataclasses.replace(one, report=tmp_path / "report.html"), "shotgrid"))
    site.ensure(noted_letter(one, "shotgrid", "ours", remote_version=number))
    version, project = {"type": "Version", "id": int(number)}, {"type": "Project", "id": 1}
    base.update("Version", int(number), {"sg_status_list": "apr"})
    theirs = base.create("Version", {"code": "by_hand", "project": project, "sg_status_list": "rej"})
    said = {"content": "lovely", "created_at": WHEN, "user": {"type": "HumanUser", "id": 1}, "project": project}
    base.create("Note", {**said, "note_links": [version]})
    base.create("Note", {**said, "note_links": [{"type": "Version", "id": theirs["id"]}]})

    pulled = list(site.pull("demo"))

    assert [one for one in pulled if isinstance(one, PulledReview | PulledNote)] == [
        PulledReview("1", ReviewState.APPROVED),
        PulledNote("3", "1", "maya", "lovely", created=WHEN),
    ]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        pytest.param("rev", ReviewState.PENDING, id="published or pending"),
        pytest.param("rej", ReviewState.REJECTED, id="rejected"),
        pytest.param("omt", ReviewState.OMITTED, id="omitted"),
        pytest.param("vwd", None, id="one that says nothing to us"),
    ],
)
def test_a_status_is_translated_back(code: str, state: ReviewState | None, base: Mockgun, tmp_path: Path) -> None:
    number = tracker(base).ensure(published_letter(publication(still(tmp_path)), "shotgrid"))
    base.update("Version", int(number), {"sg_status_list": code})
    found = [one.status for one in tracker(base).pull("demo") if isinstance(one, PulledReview)]
    assert found == ([state] if state else [])


def test_a_check_names_statuses_that_the_site_does_not_have(base: Mockgun) -> None:
    checked = tracker(base, task_status={"approved": "final"}).check()
    assert checked.who == "script shotmill"
    assert checked.lines[-1] == (
        "Task.sg_status_list has no 'final': set task_status.approved, it has wtg, ip, rev, fin"
    )


def test_a_check_of_a_site_without_our_field_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(TargetRefusedError, match="no sg_studio_mill on Version, PublishedFile, Note") as refused:
        tracker(production(tmp_path), id_field="sg_studio_mill").check()
    assert "sg.schema_field_create('Note', 'text', 'Studio Mill')" in refused.value.hint


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param({"key": "s3cr3t"}, "key: a secret never stands in this file", id="key itself"),
        pytest.param({"server": "studio.example"}, "server: write it with https://", id="no scheme"),
        pytest.param({"server": "https://me:s3cr3t@studio.example"}, "server: a name or password", id="password"),
        pytest.param({"proxy": "http://me:s3cr3t@proxy"}, "proxy: write host or host:port", id="proxy"),
        pytest.param({"find_by": "name"}, "find_by: Input should be 'id' or 'code'", id="found by"),
        pytest.param({"id_field": "code"}, "id_field: String should match", id="not a custom field"),
        pytest.param({"task_status": {"finished": "fin"}}, "task_status.finished: there is no such key", id="status"),
        pytest.param({"skript": "x"}, "did you mean: script", id="misspelt"),
    ],
)
def test_a_wrong_section_is_refused_by_key_and_never_repeated(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        make("shotgrid", {**SECTION, **wrong}, no_secret, 5.0)
    assert words in refused.value.message
    assert "s3cr3t" not in str(refused.value.line())


def test_a_site_is_made_without_asking_it_anything() -> None:
    made = make("shotgrid", {**SECTION, "server": "http://127.0.0.1:9", "proxy": "10.0.0.1:3128"}, no_secret, 5.0)
    assert isinstance(made, Tracker)
    made.close()


def test_certificates_that_are_not_there_are_a_wrong_setting(tmp_path: Path) -> None:
    lost = {**SECTION, "ca_certs": str(tmp_path / "none.pem")}
    with pytest.raises(ConfigError, match=r"none\.pem"):
        make("shotgrid", lost, no_secret, 5.0)


def test_a_client_that_cannot_be_held_to_one_try_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(shotgun_api3.Shotgun, "MAX_ATTEMPTS")
    with pytest.raises(ConfigError, match=r"shotgun_api3 3\.\d+\.\d+ cannot be held to one try"):
        make("shotgrid", SECTION, no_secret, 5.0)
