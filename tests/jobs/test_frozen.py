"""What a job depends on is fixed when it is submitted: hosts with other settings make the same of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from studio_colour import write_config

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.farm_plugins.task import Attempted, TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.images import read_image, write_image
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.errors import ConfigError
from shotmill.schema.job import JobSpec
from shotmill.schema.tables import Delivery

PATHS = """
[version]
shot = "shot/{sequence}/{shot}/{product}/{version:03}"
asset = "asset/{kind}/{asset}/{product}/{version:03}"
sequence = "sequence/{sequence}/{product}/{version:03}"
[file]
single = "{product}.{ext}"
frame = "{product}.{frame:04}.{ext}"
"""


class Shop:
    """One worker that stays warm, and people who submit to it with settings of their own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.tools = StudioTools(settings)
        self.plate = folder / "plate.png"
        write_image(self.plate, np.full((8, 8, 3), 128, np.uint8))

    def submit(self, **settings: Any) -> tuple[JobSpec, JobFolder]:
        mine = self.settings.model_validate({**self.settings.model_dump(), **settings})
        params = {"format": "png", "width": 16}
        spec = plan(SubmitRequest("thumbnail", params=params, plates=[str(self.plate)]), mine).spec
        folder = JobFolder(self.folder / f"job-{spec.id}")
        write_bundle(spec, folder)
        return spec, folder

    def render(self, folder: JobFolder) -> Attempted:
        step = folder.read_spec().steps[0]
        return run_task(TaskRequest(folder.bundle, step.name, step.frames), self.settings, tools=self.tools)


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Shop:
    return Shop(settings, tmp_path)


def red_of(folder: JobFolder) -> int:
    """The red of the one picture that was rendered."""
    [receipt] = read_receipts(folder, "render")
    picture = read_image(folder.root / receipt.root / receipt.outputs[0].files[0].path)
    return int(picture.pixels[4, 4, 0])


def test_each_job_is_rendered_with_the_config_it_was_submitted_with(shop: Shop, tmp_path: Path) -> None:
    configs = [write_config(tmp_path / f"{red}.ocio", red=red) for red in (64, 192, 64)]
    jobs = [shop.submit(ocio=str(config))[1] for config in configs]
    assert [shop.render(job).exit_code for job in jobs] == [0, 0, 0]
    assert [red_of(job) for job in jobs] == [64, 192, 64]


def test_display_and_view_are_the_submitter_s(shop: Shop, tmp_path: Path) -> None:
    config = write_config(tmp_path / "show.ocio", red=64, wall=200)
    _spec, folder = shop.submit(ocio=str(config), display="Wall", view="Seen")
    assert shop.render(folder).exit_code == 0
    assert red_of(folder) == 200


def test_another_display_or_view_of_the_settings_is_another_job(shop: Shop, tmp_path: Path) -> None:
    config = str(write_config(tmp_path / "show.ocio", red=64, wall=200))
    looks = [{}, {"display": "Wall"}, {"view": "Seen"}, {"display": "Wall", "view": "Seen"}]
    assert len({shop.submit(ocio=config, **look)[0].key for look in looks}) == 4
    assert shop.submit(ocio=config)[0].key == shop.submit(ocio=config, projects_root="/elsewhere")[0].key


@pytest.mark.parametrize("loaded", [False, True], ids=["cold", "warm"])
def test_a_config_that_changed_after_the_submit_is_refused(loaded: bool, shop: Shop, tmp_path: Path) -> None:
    config = write_config(tmp_path / "show.ocio", red=64)
    jobs = [shop.submit(ocio=str(config))[1] for _ in range(2)]
    assert not loaded or shop.render(jobs[0]).exit_code == 0
    write_config(config, red=192)
    refused = shop.render(jobs[1])
    assert (refused.failure_code, refused.exit_code, refused.retryable) == ("E207", 64, False)
    assert "show.ocio changed after the job was submitted; submit again" in refused.message


def test_a_built_in_config_of_another_library_is_refused(shop: Shop) -> None:
    spec, folder = shop.submit()
    folder.job.write_text(spec.model_copy(update={"colour_config_hash": "0" * 64}).pretty())
    assert "install the same opencolorio everywhere" in (shop.render(folder).failure or "")


def test_it_is_published_where_and_as_its_submitter_said(shop: Shop, sqlite_database: Database, tmp_path: Path) -> None:
    (tmp_path / "paths.toml").write_text(PATHS)
    places = {"projects_root": str(tmp_path / "shows"), "paths": str(tmp_path / "paths.toml"), "targets": ("slack",)}
    spec, folder = shop.submit(**places)
    shop.render(folder)
    (tmp_path / "paths.toml").unlink()
    run_publish(folder, spec, shop.settings, sqlite_database)
    assert (tmp_path / "shows/local/asset/plate/plate/thumbnail/001/thumbnail.png").is_file()
    assert not shop.settings.projects_folder.exists()
    with sqlite_database.read() as connection:
        assert list(connection.scalars(select(Delivery.target))) == ["slack"]


def old(spec: JobSpec, folder: JobFolder) -> JobSpec:
    """A job as it lies in a database from before these were fixed at submission."""
    document = json.loads(spec.pretty())
    for name in ("display", "view", "destination"):
        del document[name]
    folder.job.write_text(json.dumps(document))
    return folder.read_spec()


def test_a_job_of_an_earlier_version_goes_by_the_worker_s_settings(
    shop: Shop, sqlite_database: Database, tmp_path: Path
) -> None:
    spec, folder = shop.submit(projects_root=str(tmp_path / "shows"))
    earlier = old(spec, folder)
    assert shop.render(folder).exit_code == 0
    report = run_publish(folder, earlier, shop.settings, sqlite_database)
    assert report.versions[0].folder.startswith(str(shop.settings.projects_folder))


def test_path_templates_that_cannot_be_read_are_refused_at_submission(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        shop.submit(paths=str(tmp_path / "nowhere.toml"))
