"""Files that travel with a job: to the farm's bucket, to hosts that share no disk, and back.

They cover facts 12, 13 and 14 of those that Deadline Cloud must keep.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deadline_hosts import FarmSite
from farm_bundles import attach, published, receipts, trial_bundle, versions

from shotmill.pipeline.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("trial", "sqlite_database")]
FRAMES = 1000


def plate(folder: Path) -> list[Path]:
    """A sequence whose frames all differ."""
    folder.mkdir()
    frames = [folder / f"plate.{frame:04d}.exr" for frame in range(1001, 1001 + FRAMES)]
    for frame in frames:
        frame.write_text(f"pixels of {frame.name}")
    return frames


def test_deadline_facts_12_and_13_a_thousand_frames_travel_once_from_any_folder_and_nobody_is_asked(
    farm_site: FarmSite, settings: Settings, tmp_path: Path
) -> None:
    bucket = farm_site.share_nothing()
    bundle = attach(trial_bundle(settings), *plate(tmp_path / "plate"))
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    for _ in range(2):
        farm_site.submit(bundle, "--known-asset-path", tmp_path, "--require-paths-exist", cwd=elsewhere)
    [first, _second] = farm_site.service.jobs()
    stored = farm_site.amazon.objects(bucket, "DeadlineCloud/Data/")
    assert len(stored) == FRAMES + 1  # job.json
    assert max(stored.values()) <= first.created


def test_deadline_fact_14_results_of_hosts_that_share_no_disk_are_published_and_downloaded(
    farm_site: FarmSite, settings: Settings
) -> None:
    farm_site.share_nothing()
    bundle = attach(trial_bundle(settings, frames="1-6", chunk=3, publish=True))
    with farm_site.worker():
        job = farm_site.submit(bundle, "--known-asset-path", bundle.parent)
        assert farm_site.wait(job) == "SUCCEEDED", farm_site.situation()
    assert versions(settings) == ["v001"]
    assert receipts(bundle.parent) == {}
    farm_site.deadline("job", "download-output", "--job-id", job, "--yes", "--conflict-resolution", "OVERWRITE")
    found = receipts(bundle.parent)
    written = [path.read_bytes() for path in sorted(bundle.parent.glob("attempts/**/*.txt"))]
    assert [Path(name).name for name in found] == ["1-3.json", "4-6.json"]
    assert sorted(written) == sorted(published(settings).values())
    assert json.loads(next(bundle.parent.glob("publish/report-*.json")).read_text())["outcome"] == "published"
