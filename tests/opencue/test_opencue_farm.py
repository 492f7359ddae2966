"""OpenCueFarm against a Cuebot double over real gRPC: launching, looking, cancelling, running again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cue_studio import CueStudio
from cuebot import Cuebot, StillHost
from cuebot.jobs import FINISHED, PENDING

from shotmill.farm_plugins.opencue.farm import OpenCueFarm
from shotmill.schema.errors import BadRequestError, EngineRefusedError, EngineUnreachableError
from shotmill.schema.ids import uuid7
from shotmill.schema.states import State
from shotmill.submitters.cli.root import invoke


def finish(bot: Cuebot, name: str, *, status: int = 0, signal: int = 0) -> None:
    """A host reports the end of the running frame of this name."""
    (frame,) = [frame for job in bot.bot.jobs for frame in job.frames() if frame.name == name and frame.resource]
    bot.bot.completed(frame.resource, status, signal)


def test_a_job_is_launched_paused_set_up_and_only_then_let_go(studio: CueStudio, bot: Cuebot) -> None:
    studio.launch(studio.spec(frames="1-4", chunk=2, retries=3, publish=True))
    calls = [call for call in bot.faults.calls if call not in {"GetJobs", "GetLayers", "GetComments"}]
    assert calls == ["LaunchSpecAndWait", "SetMaxRetries", "RegisterOutputPath", "AddComment", "Resume"]
    job = studio.cue_job()
    assert not job.paused
    assert job.comments[0].message.count(str(studio.settings.jobs_folder)) == 2


def test_fact_3_three_retries_are_set_after_the_launch_since_a_spec_is_clamped_to_one(studio: CueStudio) -> None:
    studio.launch(studio.spec(retries=3))
    assert studio.cue_job().max_retries == 3
    assert studio.cue_job().spec.max_retries == 1


def test_fact_3_cores_memory_and_time_arrive_as_they_were_meant(studio: CueStudio) -> None:
    studio.launch(studio.spec(cpu=2, memory_mib=1536, timeout_s=90))
    layer = studio.cue_job().layers[0].spec
    assert (layer.cores, layer.memory_kib, layer.timeout) == (200, 1536 * 1024, 2)


def test_fact_4_each_frame_of_a_stepped_range_is_given_to_a_host_once(studio: CueStudio, still: StillHost) -> None:
    studio.launch(studio.spec(frames="1-10x3", chunk=2))
    words = [run.command.split()[-1] for run in still.runs]
    assert words == ["1,4", "7,10"]


def test_fact_5_a_hundred_kilobytes_of_parameters_make_no_longer_command(studio: CueStudio) -> None:
    spec = studio.spec()
    studio.launch(spec.model_copy(update={"params": {**spec.params, "text": "x" * 100_000}}))
    assert len(studio.cue_job().layers[0].spec.command) < 400


def test_fact_6_a_launch_whose_reply_is_lost_is_found_again(studio: CueStudio, bot: Cuebot) -> None:
    bot.faults.lost.append("LaunchSpecAndWait")
    made = studio.launch(studio.spec(publish=True))
    assert made == studio.cue_job().id
    assert not studio.cue_job().paused


def test_fact_6_the_same_job_launched_twice_is_one_job(studio: CueStudio) -> None:
    spec = studio.spec()
    assert studio.launch(spec) == studio.launch(spec) == studio.cue_job().id


def test_fact_6_a_job_that_ended_before_its_submit_was_repeated_is_not_run_again(
    studio: CueStudio, bot: Cuebot, still: StillHost
) -> None:
    spec = studio.spec()
    made = studio.launch(spec)
    finish(bot, "0001-work")
    assert studio.cue_job().state == FINISHED
    assert studio.launch(spec) == made
    assert len(still.runs) == 1


def test_a_submitter_who_died_half_way_through_setting_up_is_made_good_by_the_next(
    studio: CueStudio, bot: Cuebot
) -> None:
    spec = studio.spec()
    bot.faults.lost.append("Resume")
    with pytest.raises(EngineUnreachableError):
        studio.launch(spec)
    studio.cue_job().paused = True  # as if the resume had never arrived
    studio.launch(spec)
    assert not studio.cue_job().paused
    assert len(studio.cue_job().comments) == 1


def test_another_job_of_the_same_name_is_refused_before_anything_is_sent(studio: CueStudio, bot: Cuebot) -> None:
    token = str(uuid7())
    studio.submit(token=token)
    elsewhere = studio.tuned(jobs_root=str(studio.settings.home / "elsewhere"))
    spec = studio.spec().model_copy(update={"id": token})
    with pytest.raises(EngineRefusedError, match=r"another job testing-default-artist_trial_job_.* not done"):
        elsewhere.farm.check(spec)
    assert bot.faults.calls.count("LaunchSpecAndWait") == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({"opencue_show": "nowhere"}, "no show 'nowhere'; it has: testing", id="show"),
        pytest.param({"opencue_show": "closed"}, "show 'closed' is switched off", id="inactive show"),
        pytest.param({"opencue_facility": "moon"}, "no facility 'moon'", id="facility"),
        pytest.param({"opencue_limits": ("nuke_render",)}, "no limit 'nuke_render'; it has: none", id="limit"),
        pytest.param({"opencue_service": "blender"}, "no service 'blender'; it has: arnold, default", id="service"),
    ],
)
def test_fact_2_what_cuebot_lacks_is_told_by_name_before_the_launch(
    studio: CueStudio, bot: Cuebot, settings: dict[str, object], said: str
) -> None:
    bot.bot.site.shows["closed"] = False
    with pytest.raises(EngineRefusedError) as refused:
        studio.tuned(**settings).farm.check(studio.spec())
    assert said in refused.value.message
    assert bot.bot.jobs == []


def test_fact_2_root_is_refused_before_any_call(studio: CueStudio, bot: Cuebot) -> None:
    with pytest.raises(BadRequestError, match="root"):
        studio.tuned(opencue_user="root").farm.check(studio.spec())
    assert bot.faults.calls == []


def test_a_launch_that_cuebot_swallows_is_told_with_who_knows_more(studio: CueStudio) -> None:
    other = studio.tuned(opencue_limits=("gone",))  # it vanished between the check and the launch
    with pytest.raises(EngineRefusedError, match="could not launch it; why, it mails to its administrators"):
        other.launch(studio.spec())


def test_a_job_of_many_frames_is_read_page_by_page(studio: CueStudio, bot: Cuebot) -> None:
    spec = studio.spec(frames="1-1201", publish=True)
    found = studio.look(studio.launch(spec), spec)
    assert [task.frames.first for task in found.tasks] == [*range(1, 1202), 1]
    assert bot.faults.calls.count("GetFrames") == 3


def test_fact_10_a_dead_frame_is_blocked_with_its_exit_code(studio: CueStudio, bot: Cuebot, still: StillHost) -> None:
    spec = studio.spec(frames="1-2", retries=2, publish=True)
    job = studio.launch(spec)
    for _ in range(3):
        finish(bot, "0001-work", status=65)
    finish(bot, "0002-work")
    assert len(still.runs) == 4
    found = studio.look(job, spec)
    first, second, publish = found.tasks
    assert (first.state, first.exit_code, first.attempts, first.host) == (State.BLOCKED, 65, 3, "still")
    assert first.message == "exit status 65"
    assert (second.state, publish.state) == (State.SUCCEEDED, State.QUEUED)
    assert not found.ended
    assert first.finished is not None
    assert first.finished <= datetime.now(UTC)


def test_status_and_tasks_show_where_frames_run(
    studio: CueStudio,
    bot: Cuebot,
    still: StillHost,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    handle = studio.submit(frames="1-2").job.handle
    monkeypatch.setenv("SHOTMILL_OPENCUE_HOSTS", bot.address)
    assert [invoke([command, handle]) for command in ("status", "tasks")] == [0, 0]
    said = capsys.readouterr().out
    assert f"runs on: {still.name}\n" in said
    assert len([line for line in said.splitlines() if line.startswith("work ") and still.name in line.split()]) == 2


def test_a_running_frame_tells_its_host_while_it_runs(studio: CueStudio, bot: Cuebot, still: StillHost) -> None:
    made = studio.submit(frames="1-2")
    finish(bot, "0001-work", status=65)
    first, second = studio.engine.tasks(made.job.id)
    assert (first.state, first.host, second.host) == (State.RUNNING, still.name, still.name)
    assert second.started is not None
    studio.engine.cancel(made.job.id)
    assert [task.host for task in studio.engine.tasks(made.job.id)] == [None, None]


def test_fact_8_an_eaten_frame_counts_as_done_with_a_hole(studio: CueStudio, bot: Cuebot, still: StillHost) -> None:
    spec = studio.spec(frames="1-2", publish=True)
    job = studio.launch(spec)
    bot.bot.eat([frame for frame in studio.cue_job().frames() if frame.name == "0001-work"])
    finish(bot, "0002-work")
    eaten = studio.look(job, spec).tasks[0]
    assert (eaten.state, eaten.holes, eaten.message) == (State.SUCCEEDED, True, "eaten")
    assert still.runs[-1].frame_name == "0001-publish"  # Cuebot starts it all the same


def test_fact_9_a_cancelled_job_is_killed_with_a_reason_or_cuebot_would_not_do_it(
    studio: CueStudio, bot: Cuebot, still: StillHost
) -> None:
    spec = studio.spec(frames="1-2")
    job = studio.launch(spec)
    studio.farm.cancel(job, reason="")
    found = studio.look(job, spec)
    assert (found.ended, found.cancelled) == (True, True)
    assert len(bot.bot.kills) == len(still.runs) == 2
    studio.farm.cancel(job, reason="again")
    assert len(bot.bot.kills) == 2


def test_a_dead_frame_runs_again_when_asked_and_others_are_left_alone(
    studio: CueStudio, bot: Cuebot, still: StillHost
) -> None:
    spec = studio.spec(frames="1-2", retries=0)
    job = studio.launch(spec)
    finish(bot, "0001-work", status=1)
    found = studio.look(job, spec)
    studio.farm.retry(job, spec, found.tasks)  # the other one is running
    assert [run.frame_name for run in still.runs] == ["0001-work", "0002-work", "0001-work"]
    assert bot.bot.kills == []


def test_a_publish_that_is_run_again_with_its_work_waits_for_it_once_more(
    studio: CueStudio, bot: Cuebot, still: StillHost
) -> None:
    spec = studio.spec(retries=0, publish=True)
    job = studio.launch(spec)
    finish(bot, "0001-work")
    for _ in range(3):
        finish(bot, "0001-publish", status=1) if studio.cue_job().layers[1].frames[0].resource else None
    studio.farm.retry(job, spec, studio.look(job, spec).tasks)
    assert still.runs[-1].frame_name == "0001-work"
    finish(bot, "0001-work")
    assert still.runs[-1].frame_name == "0001-publish"


@pytest.mark.parametrize("tells", [True, False], ids=["Cuebot tells commands", "Cuebot tells none"])
def test_a_job_that_was_killed_is_launched_again_under_its_name(
    studio: CueStudio, bot: Cuebot, still: StillHost, tells: bool
) -> None:
    spec = studio.spec(frames="1-2")
    job = studio.launch(spec)
    studio.farm.cancel(job, reason="a mistake")
    command = studio.cue_job().layers[0].spec.command
    studio.cue_job().layers[0].spec.command = command if tells else ""
    studio.farm.retry(job, spec, studio.look(job, spec).tasks)
    assert len(still.runs) == 4
    old, new = bot.bot.jobs
    assert (old.name, old.state, new.state) == (new.name, FINISHED, PENDING)
    assert new.layers[0].spec.command == command
    assert studio.look(job, spec).tasks[0].state is State.RUNNING


def test_a_job_that_cuebot_has_forgotten_is_not_known(studio: CueStudio, bot: Cuebot) -> None:
    spec = studio.spec()
    job = studio.launch(spec)
    bot.bot.jobs.clear()
    assert studio.farm.look(job, spec) is None
    with pytest.raises(EngineRefusedError, match="does not know job"):
        studio.farm.retry(job, spec, [])
    studio.farm.cancel(job, reason="nothing to do")


@pytest.mark.parametrize("method", ["GetLayers", "GetFrames", "Kill", "RetryFrames"])
def test_a_job_that_is_deleted_between_two_calls_is_not_known_either(
    method: str, studio: CueStudio, bot: Cuebot
) -> None:
    spec = studio.spec()
    job = studio.launch(spec)
    tasks = studio.look(job, spec).tasks
    bot.faults.before[method] = bot.bot.jobs.clear
    if method == "Kill":
        studio.farm.cancel(job, reason="it was deleted meanwhile")
    elif method == "RetryFrames":
        with pytest.raises(EngineRefusedError, match="does not know job"):
            studio.farm.retry(job, spec, tasks)
    else:
        assert studio.farm.look(job, spec) is None
    assert bot.bot.jobs == []


def test_outputs_are_named_where_cuegui_can_open_them(studio: CueStudio, bot: Cuebot) -> None:
    spec = studio.spec(publish=True)
    studio.launch(spec)
    (path,) = bot.bot.jobs[0].layers[0].spec.outputs
    assert Path(path) == studio.bundle(spec).parent / "attempts" / "work"


def test_the_connection_is_proven_with_the_names_that_the_settings_give(studio: CueStudio) -> None:
    assert studio.farm.greet().endswith(f"takes jobs of show {studio.settings.opencue_show}")
    other = OpenCueFarm(studio.settings.model_copy(update={"opencue_show": "moon"}))
    with pytest.raises(EngineRefusedError, match="OpenCue has no show 'moon'; it has: "):
        other.greet()
