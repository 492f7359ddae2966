"""A plate that changes while its job waits in the queue: refused, and submitted again it is another job."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import write_frames
from engine_studio import Studio

from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.pipeline.store.catalog import versions_of_job
from shotmill.pipeline.store.jobs import steps_of
from shotmill.schema.states import State
from shotmill.submitters.cli.verdicts import exit_code_of, verdict_of

pytestmark = pytest.mark.slow


def publish(studio: Studio, plate: Path) -> Submitted:
    request = SubmitRequest("publish", plates=[str(plate)], project="demo")
    return submit(request, settings=studio.settings, database=studio.database, engine=studio.engine)


def test_a_frame_rewritten_in_the_queue_is_never_taken_for_the_old_one(studio: Studio, tmp_path: Path) -> None:
    plate = write_frames(tmp_path / "plate", 1001, 1002)
    studio.engine.autostart = False
    made = publish(studio, plate)
    right = (plate.parent / "plate.1002.png").read_bytes()
    write_frames(plate.parent, 2002).with_name("plate.2002.png").rename(plate.parent / "plate.1002.png")
    studio.engine.autostart = True
    studio.engine.wake()
    job = studio.wait(made)
    assert (job.state, exit_code_of(job)) == (State.FAILED, 65), studio.log()
    assert "changed after it was submitted" in (job.failure or "")
    assert "as a new job" in verdict_of(job, steps_of(studio.database, job.id))[1]
    (plate.parent / "plate.1002.png").write_bytes(right)
    again = publish(studio, plate)
    assert (again.is_new, again.job.key) == (True, job.key)
    assert studio.wait(again).state is State.SUCCEEDED, studio.log()
    assert [version.number for version in versions_of_job(studio.database, again.job.id)] == [1]
