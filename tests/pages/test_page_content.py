"""What a page holds: all that is known, whatever it is called; no secret; never too much of it."""

from __future__ import annotations

import dataclasses
import json
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import Tab
from page_jobs import SHOT, PageJob, Shelf, spec_of
from sqlalchemy import update

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.hashes import hash_bytes
from shotmill.pipeline.pages import PageFacts, draw_page, gather
from shotmill.pipeline.pages.facts import Told
from shotmill.pipeline.pages.markup import escaped, masked
from shotmill.pipeline.pages.trouble import read_failure
from shotmill.pipeline.pages.words import moment_text, size_text, spoken, time_text
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.page import page_of, report_of
from shotmill.pipeline.store import Database
from shotmill.schema.errors import FramesMissingError, InputCorruptError
from shotmill.schema.frames import FrameSet
from shotmill.schema.publishing import (
    Manifest,
    ManifestFile,
    ManifestRepresentation,
    PluginResult,
    PublishedVersion,
    PublishReport,
)
from shotmill.schema.tables import Delivery

HOSTILE = (
    "</style><script>document.title = 'ran'</script>",
    '"><img src=x onerror="document.title = \'ran\'">',
    "<svg onload=alert(1)>",
    "--><!-- ]]> &lt;b&gt;",
    "right-to-left \u202e gnp.exe \u2066 zero\u200bwidth \x07 bell",
)
SECRETS = {
    "postgresql://shotmill:hunter2secret@db/shotmill": "hunter2secret",
    "Authorization: Bearer xoxb-1234567890-abcdef": "xoxb-1234567890-abcdef",
    "api_key=0123-planted-key&x=1": "0123-planted-key",
    '{"ftrack_password": "planted-pass"}': "planted-pass",
    "SLACK_TOKEN: planted-token": "planted-token",
}
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Tags(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]


def facts_of(shelf: Shelf, name: str) -> PageFacts:
    job = shelf.jobs[name]
    path = report_of(job.folder.root)
    assert path is not None
    report = PublishReport.model_validate_json(path.read_text())
    return gather(job.folder, job.spec, report, shelf.settings, shelf.database)


def hostile(facts: PageFacts) -> PageFacts:
    """The same with hostile words wherever somebody else may put some."""
    words = " ".join(HOSTILE)
    told = Told(words, words, words, words, 1, words, words, None)
    result = PluginResult(
        plugin="Odd", order=1.0, instance=words, ok=False, duration_s=0, error=words, traceback=words, records=(words,)
    )
    report = facts.report.model_copy(
        update={"notes": (words,), "results": (result,), "failure": words, "outcome": "refused"}
    )
    spec = facts.spec.model_copy(update={"comment": words, "user": words, "params": {words: words}})
    return dataclasses.replace(facts, report=report, spec=spec, told=(told,), engine=words, unknown=(words,))


def test_words_of_others_are_words_and_nothing_else(shelf: Shelf, tab: Tab, tmp_path: Path) -> None:
    facts = facts_of(shelf, "published")
    page = draw_page(hostile(facts))
    plain, odd = Tags(draw_page(facts)), Tags(page)
    assert odd.names - plain.names <= {"pre", "ul", "li"}
    assert odd.attributes <= plain.attributes
    (tmp_path / "hostile.html").write_text(page)
    tab.look(tmp_path / "hostile.html", width=390)
    assert (tab.problems, tab.asked) == ([], [])
    assert tab.value("document.title") != "ran"
    assert "onerror=" in str(tab.value("document.body.innerText"))
    assert tab.value("document.documentElement.scrollWidth") == 390


def test_characters_that_turn_or_hide_text_are_written_out() -> None:
    assert escaped("a\u202eb\u200bc\x07d\u00a0e") == r"a\u202eb\u200bc\x07d e"


def test_a_page_runs_nothing_and_links_nowhere(shelf: Shelf) -> None:
    for name in shelf.jobs:
        tags = Tags(shelf.page(name).read_text())
        assert tags.names.isdisjoint({"script", "link", "iframe", "object", "form", "a", "base"})
        assert all(link.startswith("data:image/jpeg;base64,") for link in tags.links)
        assert not {one for one in tags.attributes if one.startswith("on")}


@pytest.mark.parametrize("text", SECRETS)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert SECRETS[text] not in masked(text)
    assert "(hidden)" in masked(text)


@pytest.mark.parametrize(
    "text", ["a basic lighting pass", "secretary: no", "https://studio/x?a=1", "Tokens of the show"]
)
def test_plain_words_stay(text: str) -> None:
    assert masked(text).replace("(hidden)", "no") == text


def test_no_secret_of_the_environment_or_of_a_target_is_in_a_page(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTRACK_API_KEY", "canary-4711-env")
    facts = facts_of(shelf, "published")
    words = " ".join(SECRETS)
    told = Told("x", "ftrack", "version-published", "failed", 1, None, words, None)
    spec = facts.spec.model_copy(update={"params": {"note": words, "password": "canary-4711-param"}})
    page = draw_page(dataclasses.replace(facts, told=(told,), spec=spec))
    assert "canary-4711" not in page
    assert not [secret for secret in SECRETS.values() if secret in page]


def test_the_same_facts_give_the_same_page(shelf: Shelf) -> None:
    first, second = facts_of(shelf, "holed"), facts_of(shelf, "holed")
    assert draw_page(first) == draw_page(dataclasses.replace(second, made=first.made))


def many_products(folder: Path, products: int, frames: int) -> PublishReport:
    """A report on so many products of so many frames each, whose files' manifests are there."""
    versions, results = [], []
    for number in range(products):
        place = folder / f"p{number:04d}" / "v001"
        place.mkdir(parents=True)
        name = f"product{number:04d}"
        files = tuple(
            ManifestFile(path=f"{name}_v001.{frame}.exr", size=31_000_000, checksum=hash_bytes(b"x"), frame=frame)
            for frame in range(1001, 1001 + frames)
        )
        form = ManifestRepresentation(name="exr", pattern=f"{name}_v001.####.exr", padding=4, files=files)
        there = form.model_copy(update={"frames": FrameSet.span(1001, 1000 + frames)})
        manifest = Manifest(
            version_id=f"00000000-0000-7000-8000-{number:012d}", key="k", entity=SHOT, product=name, kind="image",
            number=1, author="maya", created=NOON, representations=(there,),
        )  # fmt: skip
        (place / "manifest.json").write_bytes(manifest.canonical())
        versions.append(
            PublishedVersion(
                version_id=manifest.version_id,
                entity=str(SHOT),
                product=name,
                number=1,
                folder=str(place),
                files=frames,
                size_bytes=frames * 31_000_000,
                is_new=True,
            )
        )
        results += [
            PluginResult(
                plugin=f"Check{place}",
                order=1.0,
                instance=name,
                ok=True,
                duration_s=0.01,
                records=("looked at it",) * 5,
            )
            for place in range(6)
        ]
    return PublishReport(
        job="0", outcome="published", versions=tuple(versions), results=tuple(results), started=NOON,
        finished=NOON + timedelta(seconds=90), notes=("a note",) * products,
    )  # fmt: skip


@pytest.mark.parametrize(("products", "frames"), [(1000, 10), (1, 10_000)], ids=["1,000 products", "10,000 frames"])
def test_a_page_about_very_much_stays_small_and_is_soon_made(
    products: int, frames: int, shelf: Shelf, tmp_path: Path
) -> None:
    report = many_products(tmp_path, products, frames)
    job = shelf.jobs["published"]
    started = time.thread_time()
    page = draw_page(gather(job.folder, job.spec, report, shelf.settings, shelf.database))
    assert time.thread_time() - started < 60
    assert len(page.encode()) < 1_500_000
    assert "product0999 v001" in page or products == 1


def test_many_receipts_are_soon_read(shelf: Shelf, tmp_path: Path) -> None:
    spec = spec_of(shelf.plate)
    job = PageJob(tmp_path, spec, shelf.database)
    job.still()
    [one] = (job.folder.root / "receipts/still").iterdir()
    text = one.read_text()
    for number in range(2, 2000):
        (one.parent / f"{number}.json").write_text(text.replace('"frames": "1"', f'"frames": "{number}"'))
    report = PublishReport(job=spec.id, outcome="refused", failure="x", started=NOON, finished=NOON)
    started = time.thread_time()
    facts = gather(job.folder, spec, report, shelf.settings, shelf.database)
    assert time.thread_time() - started < 60
    assert [step.tasks for step in facts.steps] == [1999]


def test_pictures_are_few_and_small(shelf: Shelf) -> None:
    facts = facts_of(shelf, "published")
    assert all(len(picture.uri) < 60_000 for picture in facts.pictures)
    assert len(draw_page(facts)) < 100_000


def test_a_float_sequence_is_shown_in_the_colours_of_its_job(shelf: Shelf, tmp_path: Path) -> None:
    from shotmill.pipeline.pages.pictures import Pictures, Shown  # noqa: PLC0415 - heavy

    exr = next(shelf.settings.projects_folder.rglob("*_comp_v001.1001.exr"))
    pictures = Pictures(shelf.settings, shelf.jobs["published"].spec)
    [made] = pictures.of([Shown(exr, "one", "ACEScg"), Shown(tmp_path / "not-there.exr", "two", "ACEScg")])
    assert (made.caption, made.width, made.height) == ("one", 320, 180)


def test_no_picture_is_begun_when_the_time_is_over(shelf: Shelf) -> None:
    from shotmill.pipeline.pages.pictures import Pictures, Shown  # noqa: PLC0415 - heavy

    jpg = next(shelf.settings.projects_folder.rglob("*_thumbnail_v001.jpg"))
    pictures = Pictures(shelf.settings, shelf.jobs["published"].spec, budget_s=-1)
    assert pictures.of([Shown(jpg, "one")]) == ()


def test_a_page_that_cannot_be_made_is_a_note_and_the_publish_stands(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = PageJob(tmp_path, spec_of(shelf.plate, comment="no page"), shelf.database)
    job.render("1001-1004", "1005-1008", "1009-1012")
    job.still()

    def broken(_facts: PageFacts) -> str:
        raise RuntimeError("no ink")

    monkeypatch.setattr("shotmill.pipeline.pages.draw_page", broken)
    report = run_publish(job.folder, job.spec, shelf.settings, shelf.database)
    assert report.outcome == "published"
    assert report.notes[-1] == "the page about this publish could not be made: RuntimeError: no ink"
    kept = report_of(job.folder.root)
    assert kept is not None
    assert json.loads(kept.read_text())["notes"] == list(report.notes)
    assert page_of(job.folder.root) is None


def test_a_refusal_for_a_receipt_that_cannot_be_read_has_its_page(shelf: Shelf, tmp_path: Path) -> None:
    job = PageJob(tmp_path, spec_of(shelf.plate), shelf.database)
    job.render("1001-1004")
    job.still()
    [path] = (job.folder.root / "receipts/render").iterdir()
    path.write_text("{")
    with pytest.raises(InputCorruptError):
        run_publish(job.folder, job.spec, shelf.settings, shelf.database)
    page = page_of(job.folder.root)
    assert page is not None
    assert f"receipt {path} cannot be read" in page.read_text()


def test_what_the_tasks_said_stands_beside_their_frames(shelf: Shelf, tmp_path: Path) -> None:
    from shotmill.pipeline.store.jobs import tasks_of  # noqa: PLC0415 - only here
    from shotmill.schema.states import State  # noqa: PLC0415 - same
    from shotmill.schema.tables import TaskRun  # noqa: PLC0415 - same

    job = PageJob(tmp_path, spec_of(shelf.plate), shelf.database)
    job.render("1001-1004", "1009-1012")
    job.still()
    [task] = [one for one in tasks_of(shelf.database, job.id) if one.frames == "1005-1008"]
    line = FramesMissingError("plate has no frame 1006", hint="bring it back", frame=1006).line()
    with shelf.database.write() as connection:
        values = {"state": State.FAILED, "failure": line, "failure_code": "E501"}
        connection.execute(update(TaskRun).where(TaskRun.id == task.id).values(**values))
    with pytest.raises(FramesMissingError):
        run_publish(job.folder, job.spec, shelf.settings, shelf.database)
    report = PublishReport.model_validate_json((report_of(job.folder.root) or Path()).read_text())
    [trouble] = gather(job.folder, job.spec, report, shelf.settings, shelf.database).troubles
    assert (trouble.frames, trouble.wrong, trouble.mend) == (
        "1005-1008",
        "E501 plate has no frame 1006",
        "bring it back",
    )


def test_a_database_that_is_gone_is_said_and_the_rest_is_told(shelf: Shelf, tmp_path: Path) -> None:
    job = shelf.jobs["published"]
    report = PublishReport.model_validate_json((report_of(job.folder.root) or Path()).read_text())
    gone = Database(f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}")
    facts = gather(job.folder, job.spec, report, shelf.settings, gone)
    gone.dispose()
    assert facts.told is None
    assert facts.unknown[0].startswith("the outbox could not be asked: ")
    assert "Not known here." in draw_page(facts)
    assert "comp v001 and thumbnail v001" in draw_page(facts)


def test_a_version_whose_manifest_is_gone_is_still_named(shelf: Shelf) -> None:
    facts = facts_of(shelf, "published")
    lost = facts.report.versions[0].model_copy(update={"folder": "/nowhere"})
    report = facts.report.model_copy(update={"versions": (lost,)})
    job = shelf.jobs["published"]
    page = draw_page(gather(job.folder, job.spec, report, shelf.settings, None))
    assert "manifest.json cannot be read: No such file or directory" in page


def test_rows_of_the_outbox_beyond_the_first_ones_are_counted(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shotmill.pipeline.pages.sources.MAX_ROWS", 4)
    facts = facts_of(shelf, "published")
    assert (len(facts.told or ()), facts.told_more) == (4, 2)
    assert "and 2 more; as of" in draw_page(facts)


def test_no_half_written_page_stays(shelf: Shelf) -> None:
    left = [path.name for path in shelf.settings.jobs_folder.glob("*/publish/.*")]
    assert left == []


def test_a_job_that_never_published_has_no_page(tmp_path: Path) -> None:
    assert (report_of(tmp_path), page_of(tmp_path)) == (None, None)


def test_the_page_of_a_job_is_that_of_its_last_run(tmp_path: Path) -> None:
    place = tmp_path / "publish"
    place.mkdir()
    for name in ("report-2-abc.json", "report-2-abc.html", "report-10-abc.json", "report-9-abc.html"):
        (place / name).write_text("")
    assert page_of(tmp_path) is None
    (place / "report-10-abc.html").write_text("")
    assert page_of(tmp_path) == place / "report-10-abc.html"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(time_text(0.0421), "42 ms", id="ms"),
        pytest.param(time_text(3.14), "3.1 s", id="tenths"),
        pytest.param(time_text(200), "3 min 20 s", id="minutes"),
        pytest.param(time_text(3900), "1 h 05 min", id="hours"),
        pytest.param(size_text(1023), "1023 B", id="bytes"),
        pytest.param(size_text(1.5 * 2**40), "1.5 TiB", id="TiB"),
        pytest.param(spoken("ValidateEXRFiles"), "Validate exrfiles", id="words"),
        pytest.param(moment_text(NOON), "2026-11-21 12:00 UTC", id="moment"),
    ],
)
def test_numbers_are_said_as_people_say_them(text: str, said: str) -> None:
    assert text == said


def test_a_failure_is_taken_apart() -> None:
    line = FramesMissingError('lost "two"', hint="type it", frame="1-2", path="/a b").line()
    said = read_failure(line)
    assert (said.code, said.cause, said.hint) == ("E501", 'lost "two"', "type it")
    assert dict(said.facts) == {"frame": "1-2", "path": "/a b", "retryable": "no"}
    assert read_failure("anything else").cause == "anything else"


def test_a_job_folder_is_all_that_a_page_needs_besides(shelf: Shelf) -> None:
    job = shelf.jobs["published"]
    assert JobFolder(job.folder.root).read_spec() == job.spec


def test_deliveries_are_those_of_the_moment(shelf: Shelf) -> None:
    with shelf.database.write() as connection:
        connection.execute(update(Delivery).where(Delivery.target == "slack").values(remote_id="1763.55"))
    assert "1763.55" in draw_page(facts_of(shelf, "published"))
