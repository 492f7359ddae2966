"""Plates and outputs travel as job attachments, where hosts share no disk."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import roto_backends
from command_line import run_process
from deadline_hosts import FarmSite
from deadline_service import FARM, QUEUE
from farm_bundles import published, versions
from image_makers import KINDS, image
from roto_plates import make_plate, write

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.deadline_cloud import DeadlineCloudFarm
from shotmill.farm_plugins.homecoming import STILL_AWAY
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.farm_plugins.task import TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.hashes import hash_file
from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.roto import registry
from shotmill.pipeline.roto.weights import sha256_of
from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import EngineError, EngineRefusedError, InputMissingError, WeightsError
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


def test_fact_14_a_host_that_sees_neither_plates_nor_projects_nor_database_gives_a_published_version(
    farm_site: FarmSite, remote: tuple[Settings, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _bucket = remote
    home = settings.home
    plates = plate_of(tmp_path / "plates", 3)
    monkeypatch.setenv("SHOTMILL_DEADLINE_ATTACHMENTS", "true")
    run_process("submit", "probe", plates, "--project", "demo", "--engine", "deadline", home=home)
    hidden = [(one, one.with_name(f"{one.name}-hidden")) for one in (plates, home)]
    for here, there in hidden:
        here.rename(there)
    monkeypatch.setenv("SHOTMILL_HOME", str(tmp_path / "home-of-the-host"))
    with farm_site.worker():
        [job] = farm_site.service.jobs()
        assert [step.name for step in job.steps] == ["read"]
        assert farm_site.wait(job.id) == "SUCCEEDED", farm_site.situation()
    assert not home.exists()
    for here, there in hidden:
        there.rename(here)
    assert STILL_AWAY in run_process("tasks", home=home).stdout
    waited = run_process("wait", home=home)
    assert waited.returncode == 0, waited.stderr
    assert re.fullmatch(r"fetching 4 files, 0\.\d MB, of (J-\w+)\npublishing \1\n", waited.stderr)
    assert (versions(settings), len(published(settings))) == (["v001"], 1)
    [version] = version_folders(settings.projects_folder)
    assert verify_folder(version).problems == ()
    farm = DeadlineCloudFarm(settings)
    [folder] = [JobFolder(path) for path in settings.jobs_folder.iterdir()]
    assert [path.name for path in folder.root.glob("attempts/read/1/*.log")]
    found = farm.look(name := f"{FARM}/{QUEUE}/{job.id}", folder.read_spec())
    assert found is not None
    assert "--------- Running Task" in farm.log(name, found.tasks[0])


@pytest.fixture
def weighty(remote: tuple[Settings, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A roto backend whose weights are a folder of two files, which the settings name."""
    monkeypatch.setattr(roto_backends, "BACKEND", roto_backends.WEIGHTY)
    monkeypatch.setitem(registry.BUILT_IN, "weighty", roto_backends.__name__)
    model = tmp_path / "models" / "weighty"
    model.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (model / name).write_text(f"weights: {name}")
    values = {**remote[0].model_dump(), "weights": {"weighty_small": {"path": str(model), "sha256": sha256_of(model)}}}
    return Settings.model_validate(values)


def roto_of(folder: Path, settings: Settings) -> tuple[JobSpec, Path]:
    """A roto that names a mask file and a model."""
    plate = make_plate(folder / "plates", last=1002)
    mask = folder / "masks" / "hero.png"
    mask.parent.mkdir()
    write(mask, plate.truth(1001)[:, :, np.newaxis].astype(np.uint8) * 255)
    params = {"objects": [f"hero @1001 mask {mask}"], "segment": "weighty", "propagate": "stub"}
    spec = plan(SubmitRequest("roto", params=params, plates=[plate.pattern], project="demo"), settings).spec
    return spec, write_bundle(spec, JobFolder(settings.jobs_folder / "job"))


def test_mask_files_and_checkpoints_travel_and_are_found_on_the_host(
    farm_site: FarmSite, remote: tuple[Settings, str], weighty: Settings, tmp_path: Path
) -> None:
    spec, bundle = roto_of(tmp_path, weighty)
    farm = DeadlineCloudFarm(weighty)
    farm.check(spec)
    farm.launch(spec, bundle)
    stored = " ".join(farm_site.amazon.objects(remote[1], "DeadlineCloud/Data/"))
    sent = [tmp_path / "masks" / "hero.png", *(tmp_path / "models" / "weighty").iterdir()]
    assert [path.name for path in sent if hash_file(path)[0] not in stored] == []

    there = tmp_path / "session"
    there.mkdir()
    for name in ("plates", "masks", "models"):
        (tmp_path / name).rename(there / name)
    rules = [
        {"source_path": str(tmp_path / name), "destination_path": str(there / name)}
        for name in ("plates", "masks", "models")
    ]
    (there / "rules.json").write_text(json.dumps({"path_mapping_rules": rules}))
    host = weighty.model_copy(update={"path_rules": str(there / "rules.json"), "weights": {}})
    for step in spec.steps[:4]:
        for chunk in step.chunks():
            done = run_task(TaskRequest(bundle, step.name, chunk), host)
            assert done.failure is None, (step.name, done.failure)
    assert spec.steps[3].name == "matte"


def test_a_checkpoint_that_is_not_here_is_missed_before_anything_is_sent(
    farm_site: FarmSite, weighty: Settings, tmp_path: Path
) -> None:
    spec, _bundle = roto_of(tmp_path, weighty)
    (tmp_path / "models" / "weighty").rename(tmp_path / "gone")
    with pytest.raises(WeightsError, match=r"'weighty_small' are not at .*models/weighty.* sent from here") as caught:
        DeadlineCloudFarm(weighty).check(spec)
    assert "setting weights.weighty_small" in caught.value.hint
    (tmp_path / "gone").rename(tmp_path / "models" / "weighty")
    (tmp_path / "masks" / "hero.png").unlink()
    with pytest.raises(InputMissingError, match=r"hero\.png is not there, and .* mend the path"):
        DeadlineCloudFarm(weighty).check(spec)
    assert farm_site.service.jobs() == []


def test_results_whose_bucket_is_gone_are_missed_in_words(
    farm_site: FarmSite, remote: tuple[Settings, str], tmp_path: Path
) -> None:
    settings, bucket = remote
    spec, bundle = job_of(plate_of(tmp_path / "plates", 1), settings)
    farm = DeadlineCloudFarm(settings)
    made, folder = farm.launch(spec, bundle), JobFolder.of_bundle(bundle)
    assert farm.is_apart(folder)
    farm.fetch(made, folder, tmp_path / "into", print)
    assert not (tmp_path / "into").exists()  # nothing is done, so nothing came
    farm_site.service.options.bucket = "gone"
    with pytest.raises(EngineError, match="The specified bucket does not exist"):
        farm.fetch(made, folder, tmp_path / "into", print)
    farm_site.service.options.bucket = ""
    with pytest.raises(EngineRefusedError, match="no bucket for job attachments any more"):
        farm.fetch(made, folder, tmp_path / "into", print)
    assert bucket
