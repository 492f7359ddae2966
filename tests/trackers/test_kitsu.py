"""Kitsu is told, by the real client: the same on the real server, zou, and on the stand-in for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import gazu
import pytest
from kitsu_server import ADMIN, PASSWORD, filled, serving
from kitsu_studio import KitsuStudio, Zou, in_stand_in
from letters import noted_letter, publication, published_letter, reviewed_letter, sequence, still
from movie_makers import ffmpeg
from zou_server import own_zou

from shotmill.pipeline.outbox.letter import FactKind, Publication, PublishedForm
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
from shotmill.schema.errors import TargetRefusedError
from shotmill.schema.media import Rate
from shotmill.schema.states import ReviewState


@pytest.fixture(scope="module")
def zou(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], KitsuStudio]]:
    """Makes a production in a real Kitsu."""
    with own_zou(tmp_path_factory.mktemp("zou")) as url, ExitStack() as clients:
        kitsu = Zou(url, clients)
        yield lambda: clients.enter_context(kitsu.production())


@pytest.fixture(scope="module", params=[pytest.param("zou", marks=pytest.mark.slow), "stand-in"])
def new_studio(request: pytest.FixtureRequest) -> Iterator[Callable[[], KitsuStudio]]:
    """Makes a production in one of the two."""
    if request.param == "zou":
        yield request.getfixturevalue("zou")
        return
    with ExitStack() as servers:
        yield lambda: servers.enter_context(in_stand_in(kitsu := filled(), servers.enter_context(serving(kitsu))))


@pytest.fixture
def studio(new_studio: Callable[[], KitsuStudio]) -> KitsuStudio:
    """A production of the test's own."""
    return new_studio()


@pytest.fixture(scope="module")
def quiet(new_studio: Callable[[], KitsuStudio]) -> KitsuStudio:
    """A production that tests leave as it is."""
    return new_studio()


@pytest.fixture
def told(studio: KitsuStudio, tmp_path: Path) -> Publication:
    return publication(still(tmp_path), entity=studio.shot, number=3)


def _movie(file: Path) -> PublishedForm:
    """A form of one movie."""
    return PublishedForm(
        name="mp4",
        pattern=file.name,
        folder=file.parent,
        files=(file,),
        frames=None,
        missing=None,
        size_bytes=file.stat().st_size,
        colourspace=None,
        width=64,
        height=36,
        rate=Rate(25),
        facts={},
    )


def test_a_version_is_a_comment_with_a_status_and_a_preview(studio: KitsuStudio, told: Publication) -> None:
    comment_id = studio.target().ensure(published_letter(told, "kitsu"))
    (comment,) = studio.comments()
    assert comment["id"] == comment_id
    assert "**sh010_thumbnail_v003** by maya\n\nfirst look" in comment["text"]
    assert comment["text"].endswith(f"`{told.address}` `version:{told.id}`")
    assert studio.status() == "wfa"
    preview = studio.preview(comment)
    assert (preview["status"], preview["revision"], preview["extension"]) == ("ready", 3, "png")
    assert studio.picture_of_shot() == preview["id"]


def test_telling_it_again_adds_nothing(studio: KitsuStudio, told: Publication) -> None:
    first = studio.target().ensure(published_letter(told, "kitsu"))
    assert studio.target().ensure(published_letter(told, "kitsu", attempts=1)) == first
    assert studio.target().ensure(published_letter(told, "kitsu", attempts=2, remote_id=first)) == first
    (comment,) = studio.comments()
    assert len(comment["previews"]) == 1


def test_publish_fact_15_one_comment_and_a_ready_preview_after_a_failed_upload(
    studio: KitsuStudio, told: Publication
) -> None:
    assert told.thumbnail is not None
    away = told.thumbnail.rename(told.thumbnail.with_suffix(".away"))
    with pytest.raises(TargetRefusedError, match="No such file"):
        studio.target().ensure(published_letter(told, "kitsu"))
    assert len(studio.comments()) == 1
    away.rename(told.thumbnail)
    studio.target().ensure(published_letter(told, "kitsu", attempts=1))
    (comment,) = studio.comments()
    assert studio.preview(comment)["status"] == "ready"
    assert studio.status() == "wfa"


def test_a_taken_revision_gives_way_to_the_next(studio: KitsuStudio, told: Publication, tmp_path: Path) -> None:
    other = replace(publication(still(tmp_path), entity=studio.asset, number=3), entity=studio.shot)
    for version in (told, other):
        studio.target().ensure(published_letter(version, "kitsu"))
    assert [studio.preview(comment)["revision"] for comment in studio.comments()] == [4, 3]


def test_a_version_without_a_picture_is_a_comment_that_says_so(studio: KitsuStudio, tmp_path: Path) -> None:
    told = publication(sequence(tmp_path), entity=studio.shot)
    studio.target().ensure(published_letter(told, "kitsu"))
    (comment,) = studio.comments()
    assert "There is no picture or movie of it to show." in comment["text"]
    assert "frames 1001-1003" in comment["text"]
    assert (comment["previews"], studio.status()) == ([], "wfa")


def test_an_assets_version_lands_on_the_task_that_the_section_names(studio: KitsuStudio, tmp_path: Path) -> None:
    told = publication(still(tmp_path), entity=studio.asset)
    studio.target(task_types={"image": "modeling"}).ensure(published_letter(told, "kitsu"))
    assert len(studio.comments(studio.asset, "Modeling")) == 1


def test_the_versions_own_task_and_author_win(studio: KitsuStudio, tmp_path: Path) -> None:
    remote = {"task": studio.task(kind="Lighting")["id"], "author": studio.maya}
    told = publication(still(tmp_path), entity=studio.shot, task="Lighting", remote=remote)
    studio.target().ensure(published_letter(told, "kitsu"))
    (comment,) = studio.comments(kind="Lighting")
    assert comment["person_id"] == studio.maya
    assert studio.comments() == []


def test_a_movie_is_shown_when_kitsu_has_encoded_it(studio: KitsuStudio, tmp_path: Path) -> None:
    file = tmp_path / "sh010.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x36:rate=25:duration=0.4", "-pix_fmt", "yuv420p", file)
    told = publication(_movie(file), entity=studio.shot)
    studio.target().ensure(published_letter(told, "kitsu"))
    preview = studio.preview(studio.comments()[0])
    assert (preview["status"], preview["extension"]) == ("ready", "mp4")


def test_a_movie_that_kitsu_cannot_read_is_refused_and_replaced(studio: KitsuStudio, tmp_path: Path) -> None:
    file = tmp_path / "sh010.mp4"
    file.write_bytes(b"no movie at all")
    told = publication(_movie(file), entity=studio.shot, number=2)
    with pytest.raises(TargetRefusedError, match="could not read or encode") as caught:
        studio.target().ensure(published_letter(told, "kitsu"))
    assert "ffprobe" in caught.value.hint
    ffmpeg("-y", "-f", "lavfi", "-i", "testsrc=size=64x36:rate=25:duration=0.4", "-pix_fmt", "yuv420p", file)
    studio.target(normalize_movies=False).ensure(published_letter(told, "kitsu", attempts=1))
    (comment,) = studio.comments()
    preview = studio.preview(comment)
    assert (preview["status"], preview["revision"]) == ("ready", 2)


def test_a_picture_that_kitsu_cannot_read_is_refused(studio: KitsuStudio, told: Publication) -> None:
    assert told.thumbnail is not None
    told.thumbnail.write_bytes(b"no picture at all")
    with pytest.raises(TargetRefusedError, match="not a readable picture"):
        studio.target().ensure(published_letter(told, "kitsu"))


def test_a_note_is_a_comment_that_leaves_the_status_alone(studio: KitsuStudio, told: Publication) -> None:
    target = studio.target()
    remote_version = target.ensure(published_letter(told, "kitsu"))
    letter = noted_letter(told, "kitsu", "too dark", remote_version=remote_version, frame=1003)
    assert target.ensure(letter) == target.ensure(letter)
    assert [comment["text"].split("\n\n")[:2] for comment in studio.comments()[:-1]] == [
        ["**sh010_thumbnail_v003**, frame 1003", "rosa: too dark"]
    ]
    assert studio.status() == "wfa"


def test_a_review_moves_the_status_of_the_task(studio: KitsuStudio, told: Publication) -> None:
    target = studio.target()
    remote_version = target.ensure(published_letter(told, "kitsu"))
    for standing, status in (("approved", "done"), ("omitted", "done"), ("rejected", "retake")):
        letter = reviewed_letter(told, "kitsu", standing, remote_version=remote_version)
        assert target.ensure(letter) == target.ensure(letter)
        assert studio.status() == status
    assert len(studio.comments()) == 4


def test_hashtags_of_people_do_not_reach_other_tasks(studio: KitsuStudio, tmp_path: Path) -> None:
    told = publication(still(tmp_path), entity=studio.shot, comment="for #all and #lighting")
    studio.target().ensure(published_letter(told, "kitsu"))
    assert (len(studio.comments()), studio.comments(kind="Lighting")) == (1, [])


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        pytest.param({"project": "nowhere"}, "no open project nowhere", id="project"),
        pytest.param({"parent": "sq999"}, "has no shot sq999/sh010", id="sequence"),
        pytest.param({"name": "sh999"}, "has no shot sq010/sh999", id="shot"),
        pytest.param({"kind": "asset", "parent": "Prop"}, "has no asset Prop/sh010", id="asset"),
    ],
)
def test_what_kitsu_does_not_know_is_refused_by_name(
    quiet: KitsuStudio, tmp_path: Path, change: dict[str, str], wanted: str
) -> None:
    entity = quiet.shot.model_validate({**quiet.shot.model_dump(), **change})
    told = publication(still(tmp_path), entity=entity)
    with pytest.raises(TargetRefusedError, match=wanted):
        quiet.target().ensure(published_letter(told, "kitsu"))


def test_a_task_that_is_not_there_is_refused_with_those_that_are(quiet: KitsuStudio, tmp_path: Path) -> None:
    told = publication(still(tmp_path), entity=quiet.shot)
    with pytest.raises(TargetRefusedError, match="no task Roto; it has Compositing, Lighting"):
        quiet.target(task_type="Roto").ensure(published_letter(told, "kitsu"))


def test_a_status_that_is_not_there_is_refused_with_those_that_are(quiet: KitsuStudio, tmp_path: Path) -> None:
    told = publication(still(tmp_path), entity=quiet.shot)
    with pytest.raises(TargetRefusedError, match=r"no status 'ok'; known: .*wfa"):
        quiet.target(status="ok").ensure(published_letter(told, "kitsu"))
    assert quiet.comments() == []


def test_a_session_that_has_ended_begins_anew(studio: KitsuStudio, told: Publication) -> None:
    target = studio.target(password=PASSWORD)
    target.check()
    target._wire.ask("end the session", gazu.client.get, "auth/logout")  # type: ignore[attr-defined]
    target.ensure(published_letter(told, "kitsu"))
    assert len(studio.comments()) == 1


def test_a_token_that_is_not_taken_is_refused(quiet: KitsuStudio) -> None:
    studio = replace(quiet, tokens={ADMIN: "planted-secret"})
    with pytest.raises(TargetRefusedError) as caught:
        studio.target(ADMIN).check()
    assert "planted-secret" not in f"{caught.value.__dict__} {caught.value}"


def test_a_wrong_password_is_refused_and_not_repeated(quiet: KitsuStudio) -> None:
    with pytest.raises(TargetRefusedError, match=r"does not let shotmill@studio\.example in: Wrong email") as caught:
        quiet.target(password="planted-secret").check()  # noqa: S106 - it is bait
    assert "planted-secret" not in f"{caught.value.__dict__} {caught.value}"


def test_check_says_who_we_are_and_changes_nothing(quiet: KitsuStudio) -> None:
    checked = quiet.target().check()
    assert (checked.server, checked.who) == (quiet.url, "shotmill@studio.example")
    assert checked.lines[:2] == ("Kitsu 1.0.97", "role manager, which sees no e-mail addresses of people")
    assert any(quiet.project in line for line in checked.lines)
    assert quiet.comments() == []


def test_the_production_is_pulled_with_kitsus_ids(quiet: KitsuStudio) -> None:
    pulled = list(quiet.target().pull(quiet.project))
    (project,) = [row for row in pulled if isinstance(row, PulledProject)]
    assert (project.code, project.name) == (quiet.project, quiet.project)
    assert [row.code for row in pulled if isinstance(row, PulledSequence)] == ["sq010"]
    (shot,) = [row for row in pulled if isinstance(row, PulledShot)]
    assert (shot.remote_id, shot.sequence, shot.code) == (quiet.task()["entity_id"], "sq010", "sh010")
    assert (shot.cut_in, shot.cut_out, shot.rate) == (1001, 1010, Rate(24000, 1001))
    assert [(row.kind, row.code) for row in pulled if isinstance(row, PulledAsset)] == [("Prop", "lamp")]
    assert pulled == list(quiet.target().pull(quiet.project))


def test_people_and_tasks_are_pulled_as_an_admin_sees_them(quiet: KitsuStudio) -> None:
    pulled = list(quiet.target(ADMIN).pull(quiet.project))
    people = {(row.login, row.name, row.email) for row in pulled if isinstance(row, PulledPerson)}
    assert people >= {("ada", "Ada Admin", ADMIN), ("maya", "Maya May", "maya@studio.example")}
    tasks = [row for row in pulled if isinstance(row, PulledTask)]
    assert sorted((row.entity_kind, row.entity, row.code, row.status or "", row.assignee) for row in tasks) == [
        ("asset", "Prop/lamp", "Modeling", "todo", None),
        ("shot", "sq010/sh010", "Compositing", "todo", "maya"),
        ("shot", "sq010/sh010", "Lighting", "todo", None),
    ]


def test_what_people_say_of_a_version_is_pulled_and_what_we_said_is_not(studio: KitsuStudio, told: Publication) -> None:
    target = studio.target(ADMIN)
    version = target.ensure(published_letter(told, "kitsu"))
    target.ensure(noted_letter(told, "kitsu", "ours", remote_version=version))
    nice = studio.say("nice", "done")
    studio.say("", "retake")
    edges = studio.say("but the edges", "retake")
    said = [row for row in target.pull(studio.project) if isinstance(row, PulledNote | PulledReview)]
    notes = [(row.remote_id, row.version, row.author, row.text) for row in said if isinstance(row, PulledNote)]
    assert notes == [(nice, version, "ada", "nice"), (edges, version, "ada", "but the edges")]
    (review,) = [row for row in said if isinstance(row, PulledReview)]
    assert (review.version, review.status, review.by) == (version, ReviewState.REJECTED, "ada")


def test_what_is_said_of_somebodys_own_preview_is_not_of_our_version(studio: KitsuStudio, told: Publication) -> None:
    target = studio.target(ADMIN)
    target.ensure(published_letter(told, "kitsu"))
    studio.look(gazu.task.create_preview, studio.task(), studio.say("mine", "wfa"))
    studio.say("good", "done")
    said = [row for row in target.pull(studio.project) if isinstance(row, PulledNote | PulledReview)]
    assert said == []


def test_our_own_review_is_the_standing_that_kitsu_has(studio: KitsuStudio, told: Publication) -> None:
    target = studio.target()
    version = target.ensure(published_letter(told, "kitsu"))
    studio.say("", "done")
    target.ensure(reviewed_letter(told, "kitsu", "rejected", remote_version=version))
    said = [row for row in target.pull(studio.project) if isinstance(row, PulledNote | PulledReview)]
    assert said == [PulledReview(version, ReviewState.REJECTED)]


def test_a_project_that_is_not_open_cannot_be_pulled(quiet: KitsuStudio) -> None:
    with pytest.raises(TargetRefusedError, match="no open project nowhere"):
        list(quiet.target().pull("nowhere"))


def test_jobs_are_none_of_kitsus_business(quiet: KitsuStudio) -> None:
    assert quiet.target().takes == {FactKind.PUBLISHED, FactKind.NOTED, FactKind.REVIEWED}
