"""Bundles in the real window of ``deadline bundle gui-submit``: shown, submitted by a click, and left as they are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from deadline_gui import submitter_window
from deadline_hosts import FarmSite
from deadline_user import FarmUser
from image_makers import KINDS, image
from specs import clip, spec_of_type

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.deadline_cloud import DeadlineCloudFarm
from shotmill.farm_plugins.deadline_cloud.bundle import add_deadline_files, attached_bundle
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.schema.job import Priority

pytestmark = pytest.mark.slow
PAGES = ["Shared job settings", "Job-specific settings", "Job attachments", "Host requirements"]
# What tells one submission from another, or describes it for people; the library draws tokens by lot.
OF_ONE_SUBMISSION = {"clientToken", "descriptionOverride"}


def asked(request: Mapping[str, Any]) -> dict[str, Any]:
    """What the service was asked to do; a template is compared as what it says, not as it is spaced."""
    found = {name: value for name, value in request.items() if name not in OF_ONE_SUBMISSION}
    found["template"] = json.loads(found["template"])
    for one in found.get("attachments", {}).get("manifests", ()):
        one.pop("inputManifestPath", None)  # a new one each time; its hash stays
    return found


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def amazon_of(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in environment.items() if name.startswith(("AWS_", "DEADLINE_", "NO_PROXY", "HOME"))
    }


def forget(farm: Any) -> None:
    """Let the service know no job."""
    farm.service.world.jobs.clear()
    farm.service.world.tokens.clear()


def test_the_window_shows_a_job_and_submits_the_one_that_shotmill_would(user: FarmUser, tmp_path: Path) -> None:
    job = spec_of_type("thumbnail", clip(1), clip(2)).model_copy(
        update={"name": "thumbnail_sh010", "priority": Priority.HIGH}
    )
    bundle = user.bundle(job)
    add_deadline_files(job, bundle)
    before = files(bundle)
    with submitter_window(bundle, tmp_path, amazon_of(os.environ)) as window:
        seen = window("see", picture=str(tmp_path / "page"))
        sent = window("submit", picture=str(tmp_path / "sent"))
        window("close")
    assert (window.code, list(seen["pages"]), seen["can submit"]) == (0, PAGES, True)
    assert (seen["name"], seen["priority"]) == ("thumbnail_sh010", 75)
    assert seen["parameters"] == {"Shotmill": "shotmill", "Bundle": str(bundle)}
    assert seen["pages"]["Job-specific settings"] == []  # nothing that an artist could break
    assert seen["hosts"] is None  # each step keeps its own
    [found] = user.service.jobs()
    assert sent["job"] == found.id
    assert "Job creation completed successfully." in sent["says"]
    assert user.launch(job).endswith(found.id)  # it is the job that Shotmill looks for
    forget(user)
    user.launch(job)
    assert asked(user.service.jobs()[0].request) == asked(found.request)
    assert files(bundle) == before


def test_a_job_of_one_step_asks_for_no_less_memory_and_sends_its_plates(
    farm_site: FarmSite, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm_site.share_nothing()
    plate = image(tmp_path / "plates" / "plate.0001.exr", KINDS["EXR ZIP"], 1, size=(64, 36))
    request = SubmitRequest("probe", plates=(str(plate),), project="demo", params={"publish": False})
    job = plan(request, settings).spec
    bundle = attached_bundle(job, write_bundle(job, JobFolder(settings.jobs_folder / "job")))
    before = files(bundle)
    with submitter_window(bundle, tmp_path, amazon_of(farm_site.environment)) as window:
        seen = window("see", picture=str(tmp_path / "page"))
        first = window("submit", picture=str(tmp_path / "asked"))
        sent = window("agree", picture=str(tmp_path / "sent"))
        window("close")
    amounts = {one["name"]: one["min"] for one in seen["hosts"]["amounts"]}
    assert amounts == {"amount.worker.vcpu": 1, "amount.worker.memory": 1024}  # asked for: 256 MiB
    assert str(plate.parent) in first["asks"]  # the artist lets the plate go, or not
    [found] = farm_site.service.jobs()
    assert (window.code, sent["job"], files(bundle)) == (0, found.id, before)
    forget(farm_site)
    for name, value in farm_site.environment.items():
        monkeypatch.setenv(name, value)
    DeadlineCloudFarm(settings.model_copy(update={"deadline_attachments": True})).launch(
        job, bundle.with_name("bundle")
    )
    assert asked(farm_site.service.jobs()[0].request) == asked(found.request)
