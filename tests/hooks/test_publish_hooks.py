"""A studio's own code in the publish: it may refuse before versions are visible, and undoes nothing afterwards."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from done_jobs import done_job, job_spec, staged, visible
from studio_code import StudioCode

from shotmill.pipeline.hooks import HookCall
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.page import page_of, report_of
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import PluginFailedError, PluginLoadError, ShotmillError
from shotmill.schema.hooks import HookEvent, HookRef, PluginRef
from shotmill.schema.publishing import PublishReport

BEFORE, AFTER = HookEvent.PRE_PUBLISH, HookEvent.POST_PUBLISH


class Job:
    """A done job with code of a studio's own."""

    def __init__(self, folder: Path, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.spec = job_spec()
        self.folder = done_job(folder, self.spec)

    def publish(self, *code: PluginRef | HookRef, any_version: bool = False) -> PublishReport:
        plugins = [one for one in code if isinstance(one, PluginRef)]
        hooks = [one for one in code if isinstance(one, HookRef)]
        spec = self.spec.model_copy(update={"plugins": tuple(plugins), "hooks": tuple(hooks)})
        settings = self.settings.model_copy(update={"hooks_any_version": any_version})
        return run_publish(self.folder, spec, settings, self.database)

    def refused(self, words: str, *code: PluginRef | HookRef, kind: type[ShotmillError] = PluginFailedError) -> None:
        """Nothing is visible, staged or kept for it, and without the studio's code the publish goes on."""
        with pytest.raises(kind, match=words):
            self.publish(*code)
        projects = self.settings.projects_folder
        assert (visible(projects), staged(projects)) == ([], [])
        assert self.publish().versions[0].number == 1

    @property
    def report(self) -> PublishReport:
        path = report_of(self.folder.root)
        assert path is not None
        return PublishReport.model_validate_json(path.read_text())


@pytest.fixture
def job(tmp_path: Path, settings: Settings, sqlite_database: Database) -> Job:
    return Job(tmp_path / "job", settings, sqlite_database)


def test_a_studios_validator_runs_before_anything_is_staged(studio: StudioCode, job: Job) -> None:
    report = job.publish(studio.plugin("assert instance.data['draft'].forms[0].files[0].source.is_file()"))
    ran = [result.plugin for result in report.results]
    assert ran.index("ValidateFrames") < ran.index("CheckSlate") < ran.index("ExtractStaged")
    assert studio.seen == ["sq010/sh010/comp"]
    assert "CheckSlate (studio_checks:CheckSlate)" in report.packages


def test_a_studios_plugin_may_look_at_the_whole_run(studio: StudioCode, job: Job) -> None:
    studio.module("""
        class CheckAll(pyblish.api.ContextPlugin):
            order = pyblish.api.ExtractorOrder - 0.1
            def process(self, context):
                SEEN.extend(instance.name for instance in context)
        """)
    assert job.publish(studio.ref("CheckAll")).outcome == "published"
    assert studio.seen == ["sq010/sh010/comp"]


def test_a_studios_validator_refuses_by_name(studio: StudioCode, job: Job) -> None:
    job.refused("CheckSlate failed: ValueError: no slate", studio.plugin("raise ValueError('no slate')"))


def test_a_plugin_that_ends_the_process_is_named(studio: StudioCode, job: Job) -> None:
    job.refused("publish plug-in CheckSlate ended the process with code 7; it must not", studio.plugin("sys.exit(7)"))


def test_publish_fact_8_a_plugin_with_an_import_error_is_refused_and_its_file_named(
    studio: StudioCode, job: Job
) -> None:
    path = studio.module("import nothing_there\n")
    words = f"publish plug-in CheckSlate .*{path}, line 7: ModuleNotFoundError: No module named 'nothing_there'"
    job.refused(words, studio.ref("CheckSlate"), kind=PluginLoadError)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("def broken(:\n", r"studio_checks.py, line \d+: SyntaxError", id="a syntax error"),
        pytest.param("sys.exit(4)\n", r"studio_checks.py, line \d+: SystemExit: 4", id="the end of the process"),
        pytest.param("None.slate\n", r"studio_checks.py, line \d+: AttributeError", id="an AttributeError"),
        pytest.param("other = 1\n", "studio_checks has no CheckSlate", id="no such class"),
        pytest.param("CheckSlate = 1\n", "is no class made from pyblish's", id="no class"),
        pytest.param("class CheckSlate:\n    order = 1\n", "is no publish plug-in", id="no plug-in"),
        pytest.param(
            "class CheckSlate(pyblish.api.InstancePlugin):\n    order = 1\n    process = None\n",
            r"studio_checks.py, line \d+: TypeError",
            id="no process",
        ),
        pytest.param(
            "class CheckSlate(pyblish.api.InstancePlugin):\n    order = 1\nCheckSlate.process = None\n",
            r"CheckSlate needs process\(self, instance\)",
            id="no process any more",
        ),
        pytest.param(
            "class CheckSlate(pyblish.api.InstancePlugin):\n    order = 1\n    def process(self, inst): pass\n",
            r"it has arguments \['inst'\]",
            id="another argument",
        ),
        pytest.param(
            "class ValidateFrames(pyblish.api.InstancePlugin):\n    order = 1\n    def process(self, instance): pass\n"
            "CheckSlate = ValidateFrames\n",
            "two publish plug-ins are called ValidateFrames",
            id="the name of one of ours",
        ),
    ],
)
def test_a_plugin_that_cannot_run_is_refused_by(text: str, words: str, studio: StudioCode, job: Job) -> None:
    studio.module(text)
    job.refused(words, studio.ref("CheckSlate"), kind=PluginLoadError)


def test_a_plugin_that_is_missing_here_is_refused(studio: StudioCode, job: Job) -> None:
    ref = studio.plugin("pass")
    (studio.site / "studio_checks.py").unlink()
    job.refused(
        "publish plug-in CheckSlate is not on this machine: the job was submitted with", ref, kind=PluginLoadError
    )


def test_a_wheel_that_is_missing_here_is_refused(job: Job) -> None:
    ref = PluginRef(call="studio_checks:CheckSlate", wheel="studio-wheel", version="1.2")
    job.refused("the job was submitted with studio-wheel 1.2", ref, kind=PluginLoadError)


def test_another_version_is_refused_unless_any_will_do(studio: StudioCode, job: Job) -> None:
    ref = studio.plugin("pass").model_copy(update={"version": "0" * 16})
    with pytest.raises(PluginLoadError, match=r"is another on this machine: studio_checks [0-9a-f]{16}; .* with 0{16}"):
        job.publish(ref)
    report = job.publish(ref, any_version=True)
    assert report.notes[0].startswith("publish plug-in CheckSlate ran as studio_checks ")


@pytest.mark.parametrize("order", ["-0.5", "0", "2", "2.5", "3", "3.5", "float('nan')", "float('inf')"])
def test_a_plugin_at_an_order_of_ours_is_refused(order: str, studio: StudioCode, job: Job) -> None:
    words = r"CheckSlate has the order .*; allowed are, without their ends: collectors 0 to 0.5, validators"
    job.refused(words, studio.plugin("pass", order=order), kind=PluginLoadError)


def test_a_studios_integrator_runs_after_ours_and_its_failure_is_a_note(studio: StudioCode, job: Job) -> None:
    ref = studio.plugin("raise ValueError('no ink')", order="pyblish.api.IntegratorOrder + 0.1")
    report = job.publish(ref)
    assert [result.plugin for result in report.results][-2:] == ["IntegrateVersion", "CheckSlate"]
    assert report.outcome == "published"
    assert visible(job.settings.projects_folder) == ["v001"]
    assert report.notes == (
        "after the publish, and without changing it: publish plug-in CheckSlate failed: ValueError: no ink",
    )
    page = page_of(job.folder.root)
    assert page is not None
    assert "Published, with a complaint" in page.read_text()


def test_a_studios_integrator_that_ends_the_process_undoes_nothing(studio: StudioCode, job: Job) -> None:
    report = job.publish(studio.plugin("sys.exit(1)", order="3.2"))
    assert (report.outcome, "ended the process with code 1" in report.notes[0]) == ("published", True)


def test_products_come_from_receipts_alone(studio: StudioCode, job: Job) -> None:
    ref = studio.plugin("instance.context.create_instance('mine')", order="pyblish.api.CollectorOrder + 0.1")
    job.refused("publish plug-in CheckSlate made or took away products", ref)


@pytest.mark.parametrize("more", ["families = ['movie']", "active = False", "targets = ['workstation']"])
def test_a_plugin_that_pyblish_leaves_out_is_told_of(more: str, studio: StudioCode, job: Job) -> None:
    report = job.publish(studio.plugin("pass", more=more))
    assert report.notes[0].startswith("publish plug-in CheckSlate did not run: ")


def test_a_hook_before_the_publish_sees_what_will_be_published(studio: StudioCode, job: Job) -> None:
    job.publish(studio.hook(BEFORE, "pass"))
    [seen] = studio.seen
    assert isinstance(seen, HookCall)
    [product] = seen.products
    [form] = product.forms
    assert (seen.event, seen.hook, product.address) == ("pre_publish", "slate", "demo:sq010/sh010/comp")
    assert (form.name, form.frames, form.missing, len(form.files)) == ("bin", "1001-1003", "", 3)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(
            "raise ValueError('no slate')", "refused before the publish by hook 'slate': no slate", id="raising"
        ),
        pytest.param("sys.exit(2)", "wanted to end the process with code 2", id="ending the process"),
        pytest.param("time.sleep(60)", "did not end within 0.3 s", id="hanging"),
    ],
)
def test_a_hook_before_the_publish_refuses_by(body: str, words: str, studio: StudioCode, job: Job) -> None:
    job.refused(words, studio.hook(BEFORE, body, timeout_s=0.3))


def test_a_hook_may_raise_our_errors_and_keeps_their_hint(studio: StudioCode, job: Job) -> None:
    body = "from shotmill.schema.errors import PluginFailedError; raise PluginFailedError('no slate', hint='draw one')"
    with pytest.raises(PluginFailedError, match="by hook 'slate': no slate") as caught:
        job.publish(studio.hook(BEFORE, body))
    assert (caught.value.hint, caught.value.fields) == ("draw one", {"hook": "slate"})


def test_a_hook_that_is_no_function_is_refused(studio: StudioCode, job: Job) -> None:
    ref = studio.hook(BEFORE, "pass")
    studio.module("hook = 1\n")
    with pytest.raises(PluginFailedError, match="cannot be called; it is no function"):
        job.publish(ref, any_version=True)


def test_what_is_published_already_is_not_asked_about_again(studio: StudioCode, job: Job) -> None:
    job.publish()
    assert job.publish(studio.hook(BEFORE, "raise ValueError")).outcome == "already published"
    assert studio.seen == []


def test_a_hook_after_the_publish_sees_what_is_visible(studio: StudioCode, job: Job) -> None:
    report = job.publish(studio.hook(AFTER, "assert call.versions[0].folder.is_dir()"))
    [seen] = studio.seen
    assert isinstance(seen, HookCall)
    assert (seen.outcome, seen.failure) == ("published", "")
    assert [(one.address, one.is_new) for one in seen.versions] == [("demo:sq010/sh010/comp@v001", True)]
    assert report.notes == ()


def test_a_hook_after_a_refusal_is_told_why(studio: StudioCode, job: Job) -> None:
    ref = studio.hook(AFTER, "pass")
    gone = ref.model_copy(update={"event": BEFORE, "call": "studio_checks:nothing"})
    with pytest.raises(PluginLoadError):
        job.publish(ref, gone)
    [seen] = studio.seen
    assert isinstance(seen, HookCall)
    assert (seen.outcome, seen.failure.split()[:2]) == ("refused", ["SHOTMILL", "E503"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param("raise KeyError('x')", "hook 'slate' (studio_checks:hook) failed: KeyError: 'x'", id="raises"),
        pytest.param("time.sleep(60)", "hook 'slate' (studio_checks:hook) did not end within 0.3 s", id="hangs"),
    ],
)
def test_a_hook_after_the_publish_changes_nothing_when_it(body: str, words: str, studio: StudioCode, job: Job) -> None:
    started = time.monotonic()
    report = job.publish(studio.hook(AFTER, body, timeout_s=0.3))
    assert time.monotonic() - started < 50
    assert report.outcome == "published"
    assert report.notes == (f"after the publish, and without changing it: {words}",)
    assert job.report.notes == report.notes


def test_each_hook_after_the_publish_is_called_whatever_the_others_do(studio: StudioCode, job: Job) -> None:
    ref = studio.hook(AFTER, "raise ValueError(call.hook)")
    report = job.publish(ref, ref.model_copy(update={"name": "second"}))
    assert [note.rpartition(": ")[2] for note in report.notes] == ["slate", "second"]
