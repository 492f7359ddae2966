"""What lies in the bundle for Deadline Cloud's own tools."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from deadline.client.job_bundle.loader import read_yaml_or_json_object
from deadline.client.job_bundle.parameters import read_job_bundle_parameters
from deadline_user import SECRET, FarmUser
from openjd.model import decode_job_template
from specs import clip, spec, spec_of_type, step

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.deadline_cloud.bundle import add_deadline_files, asset_references, assets_of, attached_bundle
from shotmill.farm_plugins.deadline_cloud.limits import check_limits
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import BadRequestError, EngineRefusedError, GraphError, NameRuleError
from shotmill.schema.job import JobSpec, Priority, publish_step

PLACE = Path("/jobs/J-22222222/bundle")
EXPECTED_VALUES = """parameterValues:
- name: "Shotmill"
  value: "/opt/shotmill/bin/shotmill"
- name: "Bundle"
  value: "{bundle}"
- name: "deadline:targetTaskRunStatus"
  value: "READY"
- name: "deadline:priority"
  value: 25
- name: "deadline:maxFailedTasksCount"
  value: 11
- name: "deadline:maxRetriesPerTask"
  value: 3
"""
NO_ASSETS = """assetReferences:
  inputs:
    directories: []
    filenames: []
  outputs:
    directories: []
  referencedPaths: []
"""


def job_of_frames(**more: object) -> JobSpec:
    return spec(step("work", "1-10", retries=3), publish_step("work"), **more)


def written(job: JobSpec, root: Path, **more: str) -> Path:
    bundle = write_bundle(job, JobFolder(root))
    add_deadline_files(job, bundle, **more)
    return bundle


def attached(job: JobSpec, root: Path) -> Path:
    return attached_bundle(job, write_bundle(job, JobFolder(root)))


BOTH = (written, attached)


def test_a_bundle_on_shared_disks_names_no_files_to_send(tmp_path: Path) -> None:
    bundle = written(job_of_frames(priority=Priority.LOW), tmp_path, command="/opt/shotmill/bin/shotmill")
    assert (bundle / "parameter_values.yaml").read_text() == EXPECTED_VALUES.format(bundle=bundle)
    assert (bundle / "asset_references.yaml").read_text() == NO_ASSETS


def test_deadlines_own_tools_read_the_settings_of_the_job(tmp_path: Path) -> None:
    bundle = written(job_of_frames(), tmp_path)
    found = {one["name"]: one.get("value") for one in read_job_bundle_parameters(str(bundle))}
    assert found["Bundle"] == str(bundle)
    assert found["deadline:priority"] == 50
    assert found["deadline:maxRetriesPerTask"] == 3


def test_every_frame_of_a_plate_travels_and_none_that_is_not_there() -> None:
    plate = clip(1, "1001-1005", holes="1003", frame=990)
    job = spec_of_type("thumbnail", plate, clip(2, offline=True))
    frames = [f"/plates/clip1.{frame:04d}.exr" for frame in (990, 1001, 1002, 1004, 1005)]
    assert assets_of(job, PLACE).inputs == (str(PLACE / "job.json"), *frames)


def test_movies_and_the_colour_config_travel_as_one_file() -> None:
    movie = clip(1, "0-99", media="/plates/a.mov")
    job = spec_of_type("thumbnail", movie).model_copy(update={"colour_config": "/config/show.ocio"})
    assert assets_of(job, PLACE).inputs == ("/config/show.ocio", str(PLACE / "job.json"), "/plates/a.mov")
    job = job.model_copy(update={"colour_config": "ocio://default"})
    assert len(assets_of(job, PLACE).inputs) == 2


def test_deadlines_own_tools_read_the_files_that_travel(tmp_path: Path) -> None:
    strange = "/plates/sh 010/kühn: 'x' \"y\" {z} 🎬.mov"
    job = spec_of_type("thumbnail", clip(1, "0-9", media=strange))
    bundle = attached(job, tmp_path)
    found = read_yaml_or_json_object(str(bundle), "asset_references", required=True)
    assert found is not None
    files = found["assetReferences"]
    assert files["inputs"]["filenames"] == sorted([strange, str(bundle / "job.json")])
    assert files["outputs"]["directories"] == [
        str(tmp_path / one) for one in ("attempts", "publish", "receipts", "records")
    ]


def test_files_are_named_by_absolute_paths_wherever_the_command_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bundle = attached(job_of_frames(), Path("job"))
    text = (bundle / "asset_references.yaml").read_text() + (bundle / "parameter_values.yaml").read_text()
    assert f'"{tmp_path}/job/attached/job.json"' in text
    assert f'"{tmp_path}/job/attempts"' in text
    assert '"job/' not in text


def test_the_same_job_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    clips = (clip(1), clip(2, "1-20x3"))
    job = spec_of_type("thumbnail", *clips)
    made = asset_references(assets_of(job, PLACE))
    code = f"""
import sys
from pathlib import Path
from shotmill.farm_plugins.deadline_cloud.bundle import asset_references, assets_of
from shotmill.schema.job import JobSpec
job = JobSpec.model_validate_json(sys.stdin.read())
sys.stdout.write(asset_references(assets_of(job, Path({str(PLACE)!r}))).decode())
"""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, input=job.pretty().encode(), capture_output=True, check=True, cwd=tmp_path)
    assert done.stdout == made


def test_writing_the_files_again_leaves_them_as_they_are(tmp_path: Path) -> None:
    bundle = written(job_of_frames(), tmp_path)
    before = [path.stat().st_mtime_ns for path in sorted(bundle.iterdir())]
    add_deadline_files(job_of_frames(), bundle)
    assert [path.stat().st_mtime_ns for path in sorted(bundle.iterdir())] == before
    assert [path.name for path in sorted(bundle.iterdir())] == [
        *("asset_references.yaml", "job.json", "parameter_values.yaml", "template.json")
    ]


def test_a_thousand_frames_are_a_thousand_files_and_ten_thousand_are_soon_written(tmp_path: Path) -> None:
    job = spec_of_type("thumbnail", clip(1, "1-10000"))
    bundle = attached(job, tmp_path)
    assert (bundle / "asset_references.yaml").read_text().count(".exr") == 10_000


def test_hosts_of_attached_jobs_say_where_files_lie_and_others_are_not_asked(tmp_path: Path) -> None:
    shared, sent = (json.loads((make(job_of_frames(), tmp_path) / "template.json").read_text()) for make in BOTH)
    words = [job["steps"][0]["script"]["actions"]["onRun"]["args"] for job in (shared, sent)]
    assert [one[2] for one in words] == ["{{RawParam.Bundle}}", "{{Param.Bundle}}"]
    [place] = sent["jobEnvironments"]
    [said] = place["script"]["actions"]["onEnter"]["args"]
    assert said == "openjd_env: SHOTMILL_PATH_RULES={{Session.PathMappingRulesFile}}"
    assert "jobEnvironments" not in shared
    decode_job_template(template=sent)


def test_no_secret_of_environment_or_settings_stands_in_the_bundle_or_on_the_farm(
    user: FarmUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SESSION_TOKEN", "FTRACK_API_KEY", "SLACK_TOKEN"):
        monkeypatch.setenv(name, SECRET)
    rich = user.tuned(database=f"postgresql://artist:{SECRET}@127.0.0.1/farm", pass_environment=("SLACK_TOKEN",))
    job = rich.spec()
    rich.launch(job)
    folder = rich.bundle(job).parent
    assert [path for path in folder.rglob("*") if path.is_file() and SECRET in path.read_text()] == []
    assert SECRET not in json.dumps([call.request for call in user.service.calls], default=str)


def test_fact_2_a_cycle_is_refused_in_words(tmp_path: Path) -> None:
    job = spec(step("one", after=("two",)), step("two", after=("one",)))
    with pytest.raises(GraphError, match="one -> two -> one"):
        check_limits(job, tmp_path, attachments=False, queue_has_attachments=True)


def test_fact_2_a_name_that_is_too_long_is_refused_in_words(tmp_path: Path) -> None:
    job = spec(step("work")).model_copy(update={"name": "n" * 129})
    with pytest.raises(NameRuleError, match="129 characters, 128 are allowed"):
        check_limits(job, tmp_path, attachments=False, queue_has_attachments=True)


def test_a_template_above_a_million_characters_is_refused(tmp_path: Path) -> None:
    names = [f"{'s' * 60}{number:03d}" for number in range(200)]
    job = spec(*(step(name, after=tuple(names[:number])) for number, name in enumerate(names)))
    with pytest.raises(BadRequestError, match="Deadline Cloud takes 1000000"):
        check_limits(job, tmp_path, attachments=False, queue_has_attachments=True)


def test_a_bundle_too_deep_for_the_farm_is_refused() -> None:
    with pytest.raises(BadRequestError, match="choose a shorter jobs_root"):
        check_limits(job_of_frames(), Path("/" + "d/" * 600), attachments=False, queue_has_attachments=True)


def test_attachments_need_a_queue_with_a_bucket(user: FarmUser) -> None:
    with pytest.raises(EngineRefusedError, match="no bucket") as caught:
        user.tuned(deadline_attachments=True).farm.check(user.spec())
    assert "deadline_attachments" in caught.value.hint


def test_hosts_that_see_no_database_are_sent_no_publish(tmp_path: Path) -> None:
    job = job_of_frames()
    sent = json.loads((attached(job, tmp_path) / "template.json").read_text())
    assert [step["name"] for step in sent["steps"]] == ["work"]
    check_limits(job, tmp_path, attachments=True, queue_has_attachments=True)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        pytest.param(spec(publish_step()), "the job only publishes", id="nothing but a publish"),
        pytest.param(
            spec(step(), publish_step("work"), step("after", after=("publish",))),
            "step 'after' waits for the publish",
            id="work after the publish",
        ),
    ],
)
def test_a_job_that_cannot_be_published_here_is_refused_before_it_is_sent(
    tmp_path: Path, job: JobSpec, words: str
) -> None:
    check_limits(job, tmp_path, attachments=False, queue_has_attachments=True)
    with pytest.raises(BadRequestError, match=words) as caught:
        check_limits(job, tmp_path, attachments=True, queue_has_attachments=True)
    assert "share the disks" in caught.value.message


def test_ids_of_farm_and_queue_are_checked_where_they_are_set() -> None:
    with pytest.raises(ValueError, match="deadline_farm"):
        Settings(home=Path("/tmp"), deadline_farm="my farm")
