"""A job of several products: what is known to stand in the way of one is refused before any of them is visible."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import write_frames
from done_jobs import done_job, job_spec, visible
from sqlalchemy import func, select

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.farm_plugins.task import TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.publish import register, run_publish
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.versions import next_number
from shotmill.schema.errors import BadRequestError, NameRuleError, ShotmillError, VersionConflictError
from shotmill.schema.media import EntityRef
from shotmill.schema.tables import Version

PATHS = """
[version]
shot = "{sequence}/{shot}/{product}/{version:03}"
asset = "{kind}/{asset}/{product}/{version:03}"
sequence = "{sequence}/{product}/{version:03}"
[file]
single = "{product}.{ext}"
frame = "{product}.{frame:04}.{ext}"
"""


class Shop:
    """Thumbnails of two plates, rendered and not yet published."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.settings, self.database, self.folder = settings, database, folder
        self.spec = plan(SubmitRequest("thumbnail", plates=[self.plate("left"), self.plate("right")]), settings).spec
        self.job = JobFolder(folder / "job")
        write_bundle(self.spec, self.job)
        run_task(TaskRequest(self.job.bundle, "render", self.spec.steps[0].frames), settings)

    def plate(self, name: str) -> str:
        made = write_frames(self.folder / f"of {name}", 1)
        return str((made.parent / "plate.0001.png").rename(made.parent / f"{name}.png"))

    def version(self, plate: str, number: int = 1) -> Path:
        return self.settings.projects_folder / f"local/assets/plate/{plate}/publish/thumbnail/v{number:03d}"

    def publish(self) -> list[int]:
        report = run_publish(self.job, self.spec, self.settings, self.database)
        return [version.number for version in report.versions]

    def refused(self, kind: type[ShotmillError], words: str) -> None:
        """Nothing is visible then, and no number is taken."""
        with pytest.raises(kind, match=words):
            self.publish()
        assert visible(self.settings.projects_folder) == []
        with self.database.read() as connection:
            assert connection.execute(select(func.count()).select_from(Version)).scalar_one() == 0


@pytest.fixture
def shop(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Shop:
    return Shop(settings, sqlite_database, tmp_path)


def test_no_product_appears_while_the_folder_of_another_is_taken(shop: Shop) -> None:
    shop.version("right").mkdir(parents=True)
    (shop.version("right") / "mine.txt").touch()
    shop.refused(VersionConflictError, "right.*v001 holds something that Shotmill did not publish")
    (shop.version("right") / "mine.txt").unlink()
    assert shop.publish() == [1, 1]


def test_no_product_appears_while_a_file_lies_where_another_belongs(shop: Shop) -> None:
    shop.version("right").parent.mkdir(parents=True)
    shop.version("right").touch()
    shop.refused(VersionConflictError, "right.*v001 holds something")


def test_no_product_appears_while_another_has_a_twin_in_capitals(shop: Shop) -> None:
    (shop.settings.projects_folder / "local/assets/plate/RIGHT").mkdir(parents=True)
    shop.refused(NameRuleError, "'right' and 'RIGHT', which is in .* already, differ only in capitals")


def test_two_products_of_a_job_that_are_twins_are_refused_although_they_were_submitted(shop: Shop) -> None:
    render = shop.spec.steps[0]
    left, right = render.outputs
    twin = right.model_copy(update={"entity": EntityRef(**{**right.entity.model_dump(), "name": "LEFT"})})
    steps = (render.model_copy(update={"outputs": (left, twin)}), shop.spec.steps[1])
    shop.spec = shop.spec.model_copy(update={"steps": steps})
    shop.refused(NameRuleError, "LEFT' and .*left', which this job publishes too")


def test_a_version_that_appears_meanwhile_is_no_conflict(
    settings: Settings, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = job_spec(), job_spec()
    done = [done_job(tmp_path / spec.id, spec) for spec in (first, second)]

    def while_the_other_publishes(database: Database, entity: EntityRef, product: str) -> int:
        number = next_number(database, entity, product)
        monkeypatch.setattr(register, "next_number", next_number)
        run_publish(done[1], second, settings, database)
        return number

    monkeypatch.setattr(register, "next_number", while_the_other_publishes)
    assert run_publish(done[0], first, settings, sqlite_database).versions[0].number == 2


def test_clips_whose_names_differ_only_in_capitals_are_refused_at_submission(shop: Shop) -> None:
    clips = [{"name": name, "media": shop.plate(name)} for name in ("Plate", "plate")]
    with pytest.raises(BadRequestError, match="capitals aside; name their shots or assets apart"):
        plan(SubmitRequest("thumbnail", params={"clips": clips}), shop.settings)


def test_plates_whose_names_differ_only_in_capitals_are_told_apart(shop: Shop) -> None:
    made = plan(SubmitRequest("thumbnail", plates=[shop.plate("Plate"), shop.plate("plate")]), shop.settings)
    assert len({output.entity.name.lower() for step in made.spec.steps for output in step.outputs}) == 2


@pytest.mark.parametrize("there", ["local/assets/PLATE", "local/assets/plate/Other", "LOCAL"])
def test_a_name_that_is_there_in_other_capitals_is_refused_at_submission(there: str, shop: Shop) -> None:
    (shop.settings.projects_folder / there).mkdir(parents=True)
    with pytest.raises(NameRuleError, match=r"which is in .* already, differ only in capitals"):
        plan(SubmitRequest("thumbnail", plates=[shop.plate("other")]), shop.settings)


def test_path_templates_that_cannot_tell_a_folder_are_refused_at_submission(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "paths.toml").write_text(PATHS)
    settings = shop.settings.model_copy(update={"paths": str(tmp_path / "paths.toml")})
    with pytest.raises(NameRuleError, match="would share the folder"):
        plan(SubmitRequest("thumbnail", plates=[shop.plate("other")]), settings)
