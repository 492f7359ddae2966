"""Plates and outputs travel as job attachments, where hosts share no disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from deadline_hosts import FarmSite
from farm_bundles import published, receipts
from image_makers import KINDS, image

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.deadline_cloud import DeadlineCloudFarm
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.schema.job import JobSpec

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("sqlite_database")]


@pytest.fixture
def remote(farm_site: FarmSite, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, str]:
    """Somebody whose jobs send their files, and the bucket they go to."""
    for name, value in farm_site.environment.items():
        monkeypatch.setenv(name, value)
    return settings.model_copy(update={"deadline_attachments": True}), farm_site.share_nothing()


def plate_of(folder: Path, frames: int) -> Path:
    """A sequence of small pictures; all but the first are copies."""
    folder.mkdir(parents=True)
    first = image(folder / "plate.0001.exr", KINDS["EXR ZIP"], 1, size=(64, 36)).read_bytes()
    for frame in range(2, frames + 1):
        (folder / f"plate.{frame:04d}.exr").write_bytes(first)
    return folder


def job_of(plate: Path, settings: Settings) -> tuple[JobSpec, Path]:
    spec = plan(SubmitRequest("probe", plates=(str(plate),), project="demo"), settings).spec
    return spec, write_bundle(spec, JobFolder(settings.jobs_folder / "job"))


def test_fact_13_what_was_sent_once_is_not_sent_again(
    farm_site: FarmSite, remote: tuple[Settings, str], tmp_path: Path
) -> None:
    settings, bucket = remote
    spec, bundle = job_of(plate_of(tmp_path / "plates", 3), settings)
    farm = DeadlineCloudFarm(settings)
    farm.check(spec)
    farm.launch(spec, bundle)
    store = farm_site.amazon.client("s3")
    sent = store.list_objects_v2(Bucket=bucket, Prefix="DeadlineCloud/Data")["Contents"]
    farm_site.service.world.jobs.clear()
    farm_site.service.world.tokens.clear()
    farm.launch(spec, bundle)
    assert store.list_objects_v2(Bucket=bucket, Prefix="DeadlineCloud/Data")["Contents"] == sent
    assert len(sent) >= 2


def test_fact_14_a_host_that_sees_no_plate_works_on_what_was_sent_and_its_results_come_back(
    farm_site: FarmSite, remote: tuple[Settings, str], tmp_path: Path
) -> None:
    settings, _bucket = remote
    plates = plate_of(tmp_path / "plates", 3)
    spec, bundle = job_of(plates, settings)
    farm = DeadlineCloudFarm(settings)
    made = farm.launch(spec, bundle)
    job = made.rpartition("/")[2]
    root = bundle.parent
    hidden = [(one, one.with_name(f"{one.name}-hidden")) for one in (plates, root)]
    for here, there in hidden:
        here.rename(there)
    with farm_site.worker():
        assert farm_site.wait(job) == "SUCCEEDED", farm_site.situation()
    assert not root.exists()
    for here, there in hidden:
        there.rename(here)
    farm_site.deadline("job", "download-output", "--job-id", job, "--yes", "--conflict-resolution", "OVERWRITE")
    assert receipts(root)
    assert published(settings)
    found = farm.look(made, spec)
    assert found is not None
    assert "--------- Running Task" in farm.log(made, found.tasks[0])
