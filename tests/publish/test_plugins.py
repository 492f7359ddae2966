"""Publish plug-ins that fail, lie or misbehave: the run stops at once, says so in its report, and publishes nothing."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import OpenImageIO as oiio  # noqa: N813 - short, as in the field
import pytest
from done_jobs import done_job, frame_file, job_spec, output_spec, staged, visible
from sqlalchemy import func, select

from shotmill.farm_plugins.task import TaskRequest, run_task
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import PluginFailedError, PluginLoadError, PublishError, ReceiptMismatchError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import OutputSpec
from shotmill.schema.publishing import PublishReport
from shotmill.schema.tables import Product, PublishRun, Version

# As pyblish has them: collectors 0, validators 1, extractors 2, integrators 3, each with half a step on both sides.
ORDERS = {"collector": 0.1, "validator": 1.2, "late validator": 1.5, "extractor": 2.1, "early integrator": 2.6}
LAST = 3.4
WORDS = "snow \N{SNOWMAN} lone \ud800 bell \x07 nul \0 bytes \udcff right-to-left \u202e"


def plugin(process: Any, order: float, name: str = "Odd", base: str = "ContextPlugin") -> type:
    """A plug-in of this very function; pyblish is imported late because it spoils pytest's own imports."""
    import pyblish.api  # noqa: PLC0415 - said above

    return type(name, (getattr(pyblish.api, base),), {"order": order, "process": process})


def on_context(process: Callable[[Any], object], order: float, name: str = "Odd") -> type:
    """A plug-in that is handed the context."""
    return plugin(lambda self, context: process(context), order, name)  # noqa: ARG005 - a method


def on_instance(process: Callable[[Any], object], order: float, name: str = "Odd") -> type:
    """A plug-in that is handed each instance."""
    return plugin(lambda self, instance: process(instance), order, name, "InstancePlugin")  # noqa: ARG005 - a method


class Job:
    """A done job, and what is there after its publish."""

    def __init__(self, folder: Path, settings: Settings, database: Database) -> None:
        self.spec = job_spec()
        self.folder = done_job(folder, self.spec)
        self.settings, self.database = settings, database

    def publish(self, *plugins: type) -> PublishReport:
        from shotmill.pipeline.publish.plugins import BUILT_IN  # noqa: PLC0415 - imports pyblish

        chosen = [*BUILT_IN, *plugins] if plugins else None
        return run_publish(self.folder, self.spec, self.settings, self.database, plugins=chosen)

    @property
    def reports(self) -> list[PublishReport]:
        files = sorted((self.folder.root / "publish").glob("report-*.json"))
        return [PublishReport.model_validate(json.loads(path.read_text())) for path in files]

    def check_nothing(self) -> None:
        """Nothing is visible or staged, no number is taken, and the next publish is version 1."""
        assert (visible(self.settings.projects_folder), staged(self.settings.projects_folder)) == ([], [])
        with self.database.read() as connection:
            assert connection.execute(select(func.count()).select_from(Version)).scalar_one() == 0
            assert connection.scalars(select(Product.next_version)).all() in ([], [1])
        assert self.publish().versions[0].number == 1


@contextmanager
def unheard() -> Iterator[None]:
    """Nothing is captured by pytest, which can neither print nor send every text."""
    root = logging.getLogger()
    kept, root.handlers = root.handlers, []
    try:
        yield
    finally:
        root.handlers = kept


@pytest.fixture
def job(tmp_path: Path, settings: Settings, sqlite_database: Database) -> Job:
    return Job(tmp_path / "job", settings, sqlite_database)


def fail(_given: Any) -> None:
    raise ValueError("not today: \N{SNOWMAN} \x1b[31m\nsecond line")


@pytest.mark.parametrize("make", [on_context, on_instance])
@pytest.mark.parametrize("order", ORDERS)
def test_fact_9_a_failing_plugin_stops_the_publish(order: str, make: Callable[..., type], job: Job) -> None:
    after: list[object] = []
    late = on_context(after.append, LAST, "Late")
    with pytest.raises(PluginFailedError, match="Odd failed: ValueError: not today") as caught:
        job.publish(make(fail, ORDERS[order]), late)
    [report] = job.reports
    assert after == []
    assert caught.value.exit_code == 65
    assert report.outcome == "refused"
    assert (report.results[-1].plugin, report.results[-1].ok) == ("Odd", False)
    assert "ValueError: not today" in str(report.results[-1].traceback)
    job.check_nothing()


def test_a_plugin_that_fails_after_the_integrator_cannot_unpublish(job: Job) -> None:
    with pytest.raises(PluginFailedError):
        job.publish(on_context(fail, LAST))
    assert visible(job.settings.projects_folder) == ["v001"]
    assert job.publish().outcome == "already published"


def test_an_error_of_ours_keeps_its_code(job: Job) -> None:
    def refuse(_context: Any) -> None:
        raise ReceiptMismatchError("frame is odd", frame=1002)

    with pytest.raises(ReceiptMismatchError) as caught:
        job.publish(on_context(refuse, ORDERS["validator"]))
    assert caught.value.fields["frame"] == "1002"
    assert (job.reports[0].failure or "").startswith("SHOTMILL E502 receipt-mismatch frame=1002")
    job.check_nothing()


@pytest.mark.parametrize("code", [0, 3, None, "no"])
@pytest.mark.parametrize("order", ["collector", "extractor"])
def test_a_plugin_that_exits_fails_the_publish(order: str, code: object, job: Job) -> None:
    def leave(_context: Any) -> None:
        sys.exit(code)  # type: ignore[arg-type]

    with pytest.raises(PluginFailedError, match=r"Odd|ended the process") as caught:
        job.publish(on_context(leave, ORDERS[order]))
    assert caught.value.exit_code == 65
    assert job.reports[0].outcome == "refused"
    job.check_nothing()


def test_an_interrupt_stops_the_publish_and_leaves_nothing(job: Job) -> None:
    def interrupt(_context: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.publish(on_context(interrupt, ORDERS["early integrator"]))
    job.check_nothing()


@pytest.mark.parametrize(
    "process",
    [
        pytest.param(lambda self: None, id="no argument"),  # noqa: ARG005 - the signature is what is tested
        pytest.param(lambda self, thing: None, id="unknown argument"),  # noqa: ARG005 - same
        pytest.param(lambda self, context, instance: None, id="both"),  # noqa: ARG005 - same
        pytest.param(lambda self, *args: None, id="any"),  # noqa: ARG005 - same
    ],
)
def test_a_plugin_with_another_signature_is_refused_before_anything_runs(process: Any, job: Job) -> None:
    with pytest.raises(PluginLoadError, match="Odd") as caught:
        job.publish(plugin(process, 1.0))
    assert caught.value.exit_code == 69
    assert job.reports[0].results == ()
    job.check_nothing()


@pytest.mark.parametrize("odd", [type("Odd", (), {}), int, "shotmill.none:Odd", None], ids=repr)
def test_what_is_no_plugin_is_refused(odd: Any, job: Job) -> None:
    with pytest.raises(PluginLoadError):
        job.publish(odd)
    job.check_nothing()


def test_two_plugins_of_one_name_are_refused(job: Job) -> None:
    twin = on_context(lambda _context: None, 0.0, "ValidateFrames")
    with pytest.raises(PluginLoadError, match="two publish plug-ins are called ValidateFrames"):
        job.publish(twin)
    job.check_nothing()


def test_a_plugin_that_adds_an_instance_of_its_own_publishes_nothing_of_it(job: Job) -> None:
    with pytest.raises(PublishError):
        job.publish(on_context(lambda context: context.create_instance("stray"), ORDERS["collector"]))
    job.check_nothing()


def test_a_plugin_that_removes_every_instance_is_no_success(job: Job) -> None:
    with pytest.raises(PublishError, match="nothing was published"):
        job.publish(on_context(lambda context: [context.remove(one) for one in list(context)], ORDERS["collector"]))
    job.check_nothing()


def test_a_plugin_that_writes_into_a_frame_is_found_out(job: Job) -> None:
    def edit(_context: Any) -> None:
        frame_file(job.folder, 1002).write_bytes(b"other")

    with pytest.raises(ReceiptMismatchError) as caught:
        job.publish(on_context(edit, ORDERS["validator"]))
    assert caught.value.fields["frame"] == "1002"


def test_a_plugin_that_rewrites_a_receipt_changes_nothing_in_this_run(job: Job) -> None:
    def edit(_context: Any) -> None:
        [receipt] = read_receipts(job.folder, "render")
        short = receipt.outputs[0].model_copy(update={"files": receipt.outputs[0].files[:1]})
        text = receipt.model_copy(update={"outputs": (short,)}).model_dump_json()
        job.folder.receipts("render")[0].write_text(text)

    report = job.publish(on_context(edit, ORDERS["validator"]))
    assert report.versions[0].files == 3


def test_what_a_plugin_receives_cannot_be_changed(job: Job) -> None:
    def edit(instance: Any) -> None:
        instance.data["draft"].forms[0].files[0].checksum = "0" * 32

    with pytest.raises(PluginFailedError, match="FrozenInstanceError"):
        job.publish(on_instance(edit, ORDERS["validator"]))
    job.check_nothing()


def test_odd_words_of_a_plugin_that_fails_stay_readable_in_the_report(job: Job) -> None:
    def say(_context: Any) -> None:
        raise ValueError(WORDS)

    with unheard(), pytest.raises(PluginFailedError, match="snow"):
        job.publish(on_context(say, ORDERS["validator"]))
    [report] = job.reports
    assert "snow \N{SNOWMAN} lone \\ud800 bell" in str(report.results[-1].error)
    assert "snow \N{SNOWMAN} lone" in str(report.failure)


def test_odd_words_of_a_plugin_stay_readable_in_the_report(job: Job) -> None:
    def say(instance: Any) -> None:
        logging.getLogger("pyblish.odd").warning("%s", WORDS)
        sys.stdout.write(WORDS.encode("utf-8", "backslashreplace").decode())
        instance.data["odd"] = object()

    with unheard():
        report = job.publish(on_instance(say, ORDERS["validator"]))
    [kept] = job.reports
    assert kept.outcome == report.outcome == "published"
    said = next(result for result in kept.results if result.plugin == "Odd")
    assert "snow \N{SNOWMAN} lone" in said.records[0]
    with job.database.read() as connection:
        assert connection.execute(select(PublishRun.outcome)).scalar_one() == "published"


def test_a_plugin_that_logs_what_cannot_be_printed_is_published(job: Job) -> None:
    class Hostile:
        def __str__(self) -> str:
            raise ValueError("no words")

    def say(_context: Any) -> None:
        for words in (("%d frames", "three"), ("%s %s", 1), ("%s", Hostile())):
            logging.getLogger("pyblish.odd").info(*words)

    with unheard():
        assert job.publish(on_context(say, ORDERS["validator"])).outcome == "published"
    said = next(result for result in job.reports[0].results if result.plugin == "Odd")
    assert said.records == ("%d frames", "%s %s", "%s")


def test_a_plugin_that_cannot_even_be_made_stops_the_publish(job: Job) -> None:
    odd = on_context(fail, ORDERS["validator"])
    odd.__init__ = fail  # type: ignore[misc]
    with pytest.raises(PluginFailedError, match="not today"):
        job.publish(odd)
    job.check_nothing()


def test_a_plugin_that_says_much_keeps_the_report_small(job: Job) -> None:
    def say(_context: Any) -> None:
        for number in range(5000):
            logging.getLogger("pyblish.odd").info("%d %s", number, "x" * 5000)

    job.publish(on_context(say, ORDERS["validator"]))
    assert next((job.folder.root / "publish").glob("*.json")).stat().st_size < 2_000_000


def test_the_task_of_a_refused_publish_ends_with_its_code(job: Job) -> None:
    frame_file(job.folder, 1003).unlink()
    ended = run_task(TaskRequest(job.folder.bundle, "publish", FrameSet((1,))), job.settings)
    assert (ended.exit_code, ended.failure_code, ended.retryable) == (65, "E502", False)
    assert "frame=1003" in (ended.failure or "")
    assert (job.folder.root / ended.log).read_text().rstrip().endswith(str(ended.failure))


def test_fact_2_the_task_of_a_publish_ends_with_0_and_again_with_0(job: Job) -> None:
    request = TaskRequest(job.folder.bundle, "publish", FrameSet((1,)))
    first, second = (run_task(request, job.settings) for _ in range(2))
    assert (first.exit_code, first.message) == (0, "published: demo/sq010/sh010/comp v001")
    assert (second.exit_code, second.message) == (0, "already published: demo/sq010/sh010/comp v001")


def picture(extension: str) -> OutputSpec:
    return output_spec(frames=None, kind="image").model_copy(update={"extension": extension})


def test_pixels_of_unknown_colour_are_refused(settings: Settings, sqlite_database: Database, tmp_path: Path) -> None:
    spec = job_spec(picture("png"))
    with pytest.raises(PluginFailedError, match="which colour space") as caught:
        run_publish(done_job(tmp_path / "job", spec), spec, settings, sqlite_database)
    assert caught.value.hint == "name it with --colourspace"


def exr(path: Path, compression: str) -> bytes:
    picture = oiio.ImageBuf(oiio.ImageSpec(8, 8, 3, "half"))
    picture.specmod().attribute("compression", compression)
    assert picture.write(str(path))
    return path.read_bytes()


def test_one_exr_without_checksums_among_others_is_refused(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    spec = job_spec(output_spec().model_copy(update={"extension": "exr"}))
    kinds = {1001: "zip", 1002: "zips", 1003: "piz"}
    content: dict[int | None, bytes] = {
        frame: exr(tmp_path / f"{frame}.exr", compression) for frame, compression in kinds.items()
    }
    with pytest.raises(PluginFailedError, match="compressed with 'piz', which has no checksum; write ZIP") as caught:
        run_publish(done_job(tmp_path / "job", spec, content), spec, settings, sqlite_database)
    assert caught.value.fields["frame"] == "1003"
