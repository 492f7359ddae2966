"""The real RQD runs our frames, given to it by a Cuebot double; receipts and the published version are looked at."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from cue_studio import CueStudio
from cuebot import Cuebot
from cuebot.jobs import DEAD, FINISHED, RUNNING, SUCCEEDED
from cuebot.rqd import RqdHost, rqd
from done_jobs import staged, visible

from shotmill.farm_plugins.memory import MemoryEngine
from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import versions_of_job
from shotmill.pipeline.store.migrate import ensure_schema
from shotmill.schema.ids import uuid7
from shotmill.schema.states import State

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("host")]


@pytest.fixture
def host(bot: Cuebot, studio: CueStudio, tmp_path: Path) -> Iterator[RqdHost]:
    site = {**studio.site(tmp_path), "SHOTMILL_KEEPER_IDLE_S": "8"}
    with rqd(bot, tmp_path, site) as made:
        yield made


def test_fact_7_a_job_runs_on_rqd_and_is_published_once(studio: CueStudio) -> None:
    made = studio.submit(frames="1-6", chunk=2, publish=True)
    studio.wait(made.job.id)
    assert visible(studio.settings.projects_folder) == ["v001"]
    assert staged(studio.settings.projects_folder) == []
    studio.until(lambda: studio.cue_job().state == FINISHED)


def test_fact_4_each_frame_of_a_stepped_range_is_done_once(studio: CueStudio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    made = studio.submit(frames="1-10x3", chunk=2, trace=str(trace))
    studio.wait(made.job.id)
    folder = JobFolder(Path(made.job.folder))
    assert [str(receipt.frames) for receipt in read_receipts(folder, "work")] == ["1,4", "7,10"]
    assert sorted(line.split()[0] for line in trace.read_text().splitlines()) == ["1,4", "7,10"]


def test_fact_12_all_that_a_task_prints_is_in_our_log_although_rqd_loses_it(studio: CueStudio) -> None:
    made = studio.submit(action="chatter")
    studio.wait(made.job.id)
    log = studio.engine.logs(made.job.id, step="work", frames="1")
    assert [line for line in log.splitlines() if line.startswith("line ")] == [f"line {n}" for n in range(5000)]
    (theirs,) = studio.cue_job().log_dir.glob("*.rqlog")
    assert theirs.read_text().count("line ") < 100


@pytest.mark.measured
def test_fact_12_a_killed_process_ends_in_a_code_that_opencue_reads_as_a_failure(
    studio: CueStudio, tmp_path: Path
) -> None:
    made = studio.submit(action="gate", trace=str(tmp_path / "trace"), retries=0)
    trace = tmp_path / "trace"
    studio.until(lambda: trace.exists() and trace.read_text().endswith("\n"))
    os.kill(int(trace.read_text().split()[1]), signal.SIGKILL)
    (frame,) = studio.cue_job().frames()
    studio.until(lambda: frame.state == DEAD)
    assert (frame.exit_status, frame.retries) == (75, 0)
    studio.wait(made.job.id, states=(State.BLOCKED,))
    failure = studio.engine.status(made.job.id).failure or ""
    assert failure.startswith("SHOTMILL E313 ")
    assert "killed by signal 9" in failure


def test_fact_10_a_dead_frame_is_blocked_with_the_words_of_its_own_report(studio: CueStudio) -> None:
    """Of frames that begin at once, RQD may fail to run one ("Text file busy", 126): another try is left for that."""
    made = studio.submit(frames="1-2", action="missing", on=2, retries=1)
    studio.wait(made.job.id, states=(State.BLOCKED,))
    status = studio.engine.status(made.job.id)
    assert (status.failure or "").startswith("SHOTMILL E204 input-missing frame=2 ")
    assert [task.state for task in studio.engine.tasks(made.job.id)] == [State.SUCCEEDED, State.BLOCKED]


@pytest.mark.measured
def test_fact_8_an_eaten_frame_stops_the_publish_by_name(studio: CueStudio, tmp_path: Path) -> None:
    made = studio.submit(
        frames="1-2", action="gate", on=2, trace=str(tmp_path / "trace"), publish=True, chunk=1, retries=1
    )
    first, second = studio.cue_job().layers[0].frames
    studio.until(lambda: first.state == SUCCEEDED and second.state == RUNNING)
    receipt = JobFolder(Path(made.job.folder)).receipts("work")[0]
    receipt.unlink()  # what an eaten frame leaves: done on the farm, and nothing written
    studio.bot.bot.eat([first])
    (tmp_path / "trace.open").touch()
    (publish,) = studio.cue_job().layers[1].frames
    studio.until(lambda: publish.state == DEAD)
    studio.engine.reconcile(made.job.id, at_once=True)
    log = studio.engine.logs(made.job.id, step="publish", frames="1")
    assert "SHOTMILL E501" in log
    assert visible(studio.settings.projects_folder) == []


@pytest.mark.measured
def test_fact_8_an_eaten_frame_is_left_out_and_listed_where_holes_are_allowed(
    studio: CueStudio, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    made = studio.submit(frames="1-2", action="gate", on=2, trace=str(trace), publish=True, retries=1, allow_holes=True)
    first, second = studio.cue_job().layers[0].frames
    studio.until(lambda: first.state == SUCCEEDED and second.state == RUNNING)
    studio.bot.bot.eat([second])  # the last one: Cuebot lets the publish wait for ever
    studio.wait(made.job.id)
    [version] = versions_of_job(studio.database, made.job.id)
    assert (version.number, version.holes) == (1, "2")
    assert len(files(studio.settings.projects_folder)) == 1
    [report] = (Path(made.job.folder) / "publish").glob("report-*.json")
    assert "published without frames 2: eaten on opencue, as artist saw" in report.read_text()
    assert [task.message for task in studio.engine.tasks(made.job.id)][
        1
    ] == "eaten on opencue; the publish goes on without it"
    studio.until(lambda: studio.cue_job().state == FINISHED)


def test_fact_14_a_job_on_rqd_and_one_on_this_machine_leave_the_same_receipts_and_files(
    studio: CueStudio, tmp_path: Path
) -> None:
    token = str(uuid7())
    here = Settings(home=tmp_path / "here", user="artist")
    database = Database(here.database_url)
    ensure_schema(database)
    memory = MemoryEngine(here)
    request = SubmitRequest("trial", params={"frames": "1-4", "chunk": 2, "publish": True}, project="demo", token=token)
    local = submit(request, settings=here, database=database, engine=memory)
    memory.run(local.job.id)
    made = studio.submit(frames="1-4", chunk=2, publish=True, token=token)
    studio.wait(made.job.id)
    database.dispose()
    assert receipts(Path(made.job.folder)) == receipts(Path(local.job.folder))
    assert files(studio.settings.projects_folder) == files(here.projects_folder)
    assert len(files(here.projects_folder)) == 4


@pytest.mark.measured
def test_a_model_is_loaded_once_for_the_frames_of_a_host_and_leaves_when_none_comes(
    studio: CueStudio, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    made = studio.submit(frames="1-3", model="m", cpu=2, trace=str(trace), publish=True)
    studio.wait(made.job.id)
    [keeper] = {int(line.split()[1]) for line in trace.read_text().splitlines()}
    assert trace.with_suffix(".loads").read_text().split() == [str(keeper)]
    assert sorted(files(studio.settings.projects_folder).values()) == [f"m saw [{n}]".encode() for n in (1, 2, 3)]
    studio.until(lambda: not psutil.pid_exists(keeper))


VARIES = {"attempt", "host", "started", "finished", "wall_s", "cpu_s", "root", "log"}


def receipts(job: Path) -> list[dict[str, object]]:
    """All receipts of a job but what tells where, when and by whom."""
    found = [json.loads(path.read_text()) for path in sorted(job.glob("receipts/*/*.json"))]
    return [{name: value for name, value in one.items() if name not in VARIES} for one in found]


def files(projects: Path) -> dict[str, bytes]:
    """All published files but manifests, which tell where and when."""
    return {str(path.relative_to(projects)): path.read_bytes() for path in projects.rglob("*.txt") if path.is_file()}


def test_fact_9_a_killed_job_publishes_nothing_and_leaves_no_process(studio: CueStudio, tmp_path: Path) -> None:
    made = studio.submit(frames="1-2", action="gate", on=2, trace=str(tmp_path / "trace"), publish=True)
    studio.until(lambda: len((tmp_path / "trace").read_text().split()) == 4 if (tmp_path / "trace").exists() else False)
    pids = [int(line.split()[1]) for line in (tmp_path / "trace").read_text().splitlines()]
    studio.engine.cancel(made.job.id)
    studio.wait(made.job.id, states=(State.CANCELLED,))
    studio.until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in pids))
    assert visible(studio.settings.projects_folder) == []
    assert staged(studio.settings.projects_folder) == []


def test_fact_11_a_publish_that_a_wrangler_starts_early_refuses(studio: CueStudio, tmp_path: Path) -> None:
    made = studio.submit(frames="1-2", action="gate", on=2, trace=str(tmp_path / "trace"), publish=True, retries=1)
    layers = studio.cue_job().layers
    studio.until(lambda: layers[0].frames[0].state == SUCCEEDED)
    studio.bot.bot.drop_depends(layers[1])
    publish = layers[1].frames[0]
    studio.until(lambda: publish.state == DEAD)
    studio.engine.reconcile(made.job.id, at_once=True)
    assert "frames" in (studio.engine.logs(made.job.id, step="publish", frames="1"))
    assert visible(studio.settings.projects_folder) == []
    (tmp_path / "trace.open").touch()
    studio.until(lambda: layers[0].frames[1].state == SUCCEEDED)
    studio.engine.retry(made.job.id)
    studio.wait(made.job.id)
    assert visible(studio.settings.projects_folder) == ["v001"]


@pytest.mark.measured
def test_fact_7_a_publish_given_to_two_hosts_at_once_makes_one_version(
    studio: CueStudio, bot: Cuebot, tmp_path: Path
) -> None:
    bot.bot.run_twice("0001-publish")
    with rqd(bot, tmp_path, studio.site(tmp_path), name="rqd2") as other:
        made = studio.submit(frames="1", publish=True)
        studio.wait(made.job.id)
        studio.until(lambda: not bot.bot._booked)
        assert other.process.poll() is None
    assert visible(studio.settings.projects_folder) == ["v001"]
    assert staged(studio.settings.projects_folder) == []
