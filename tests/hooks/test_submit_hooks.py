"""Hooks around a submit: one before it may refuse, one after it changes nothing, whatever it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from studio_code import StudioCode

from shotmill.farm_plugins.memory import MemoryEngine
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.pipeline.hooks import HookCall
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import list_jobs
from shotmill.schema.errors import BadRequestError

ENTRY = '[[hook]]\non = "{event}"\nname = "quota"\nuse = "studio_checks:hook"\ntimeout_s = 0.5\n'
Submit = Callable[[], Submitted]


@pytest.fixture
def handed_in(settings: Settings, sqlite_database: Database, plate: str) -> Submit:
    """Submits a thumbnail of a plate."""
    engine = MemoryEngine(settings)
    request = SubmitRequest("thumbnail", plates=[plate], project="demo", comment="please")
    return lambda: submit(request, settings=settings, database=sqlite_database, engine=engine)


def set_hook(studio: StudioCode, event: str, body: str) -> None:
    studio.module(f"def hook(call):\n    SEEN.append(call)\n    {body}\n")
    studio.hooks(ENTRY.format(event=event))


REFUSALS = {
    "a ValueError": ('raise ValueError("the show is over quota")', "refused by hook 'quota': the show is over quota"),
    "any error": ("{}['a']", r"refused by hook 'quota' \(studio_checks:hook\) failed: KeyError: 'a'"),
    "the end of the process": ("sys.exit(3)", "wanted to end the process with code 3; it must not"),
    "a hang": ("time.sleep(60)", "did not end within 0.5 s"),
    "an import that fails": ("pass\nimport nothing_there", "hook 'quota'.*checks.py, line .*ModuleNotFoundError"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_a_hook_before_the_submit_refuses_by(
    what: str, studio: StudioCode, handed_in: Submit, sqlite_database: Database
) -> None:
    body, words = REFUSALS[what]
    set_hook(studio, "pre_submit", body)
    with pytest.raises(BadRequestError, match=words) as caught:
        handed_in()
    assert caught.value.fields["hook"] == "quota"
    assert list_jobs(sqlite_database) == []


@pytest.mark.parametrize("what", REFUSALS)
def test_a_hook_after_the_submit_changes_nothing_by(
    what: str, studio: StudioCode, handed_in: Submit, sqlite_database: Database
) -> None:
    body, _ = REFUSALS[what]
    set_hook(studio, "post_submit", body)
    made = handed_in()
    assert made.is_new
    assert len(list_jobs(sqlite_database)) == 1
    assert made.warnings[-1].startswith("after the submit, and without changing it: hook 'quota'")


def test_a_hook_sees_the_job_and_cannot_write_to_it(studio: StudioCode, handed_in: Submit) -> None:
    set_hook(studio, "pre_submit", 'call.params["clips"] = ()')
    with pytest.raises(BadRequestError, match="TypeError: 'mappingproxy' object does not support item assignment"):
        handed_in()
    [seen] = studio.seen
    assert isinstance(seen, HookCall)
    facts = (seen.event, seen.hook, seen.job_type, seen.project, seen.user, seen.comment, seen.engine, seen.folder)
    assert facts == ("pre_submit", "quota", "thumbnail", "demo", "artist", "please", "memory", None)
    assert isinstance(seen.params["clips"], tuple)


def test_a_hook_after_the_submit_is_told_where_the_job_is_and_once(studio: StudioCode, handed_in: Submit) -> None:
    set_hook(studio, "post_submit", "pass")
    made, again = handed_in(), handed_in()
    [seen] = studio.seen
    assert isinstance(seen, HookCall)
    assert (seen.folder, seen.handle) == (Path(made.job.folder), made.job.handle)
    assert (again.is_new, again.warnings) == (False, ())


def test_what_a_hook_prints_does_not_reach_standard_output(
    studio: StudioCode, handed_in: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    set_hook(studio, "pre_submit", 'print("hello")')
    handed_in()
    assert capsys.readouterr().out == ""


def test_without_hooks_nothing_is_different(handed_in: Submit) -> None:
    assert handed_in().warnings == ()
