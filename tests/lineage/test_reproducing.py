"""Making a version again: the same bytes, or how far they are apart; and nothing is published."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from dice_job import install_dice
from shows import Show
from sqlalchemy import text

from shotmill.farm_plugins.reproduce import reproduce
from shotmill.pipeline.images import largest_difference, write_image
from shotmill.pipeline.store.catalog import made_from, versions
from shotmill.schema.errors import InputChangedError, InputMissingError
from shotmill.schema.proof import Likeness


@pytest.fixture
def dice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The job type ``dice``, installed; the file that decides its first frame, which says 100."""
    monkeypatch.syspath_prepend(str(install_dice(tmp_path / "site")))
    monkeypatch.delitem(sys.modules, "studio_dice", raising=False)
    seed = tmp_path / "seed"
    seed.write_text("100")
    return seed


def test_a_version_is_made_again_byte_for_byte_and_not_published(show: Show, tmp_path: Path) -> None:
    made = show.run("thumbnail", *[show.plate(name) for name in ("forest", "sea")])
    jobs = sorted(show.settings.jobs_folder.iterdir())
    for number, version in enumerate(made):
        keep = tmp_path / f"again{number}"
        [file] = reproduce(show.database, version, settings=show.settings, keep=keep).files
        assert file.likeness is Likeness.IDENTICAL
        [kept] = keep.glob("attempts/*/*/*/*")  # its own clip alone was run
        assert kept.read_bytes() == (show.settings.projects_folder / "show" / version.folder / file.path).read_bytes()
    assert len(versions(show.database, "show")) == len(made)
    assert sorted(show.settings.jobs_folder.iterdir()) == jobs


def test_a_sheet_of_many_plates_is_made_again(show: Show) -> None:
    [sheet] = show.run("contactsheet", *[show.plate(name) for name in ("forest", "sea", "town")])
    assert reproduce(show.database, sheet, settings=show.settings).identical


def test_a_version_whose_job_was_forgotten_is_made_again_by_its_own_lineage(show: Show) -> None:
    made = show.run("thumbnail", *[show.plate(name) for name in ("forest", "sea")])
    with show.database.write() as connection:
        connection.execute(text("UPDATE version SET job_id = NULL"))
    for version in versions(show.database, "show"):
        assert version.job_id is None
        assert reproduce(show.database, version, settings=show.settings).identical
    assert len(made) == 2


def test_a_file_that_differs_says_how_far_its_pixels_are_apart(show: Show, dice: Path) -> None:
    [version] = show.run("dice", seed=str(dice))
    dice.write_text("151")
    first, second = reproduce(show.database, version, settings=show.settings).files
    assert (first.frame, first.likeness, second.likeness) == (1, Likeness.DIFFERS, Likeness.IDENTICAL)
    assert first.difference == pytest.approx(51 / 255)
    assert first.published != first.made


def test_the_model_and_its_weights_are_in_the_lineage(show: Show, dice: Path) -> None:
    [version] = show.run("dice", seed=str(dice))
    assert made_from(show.database, version.id)["models"] == [{"step": "roll", "model": "sam", "weights": ["ab" * 16]}]


def test_a_changed_plate_is_told_before_anything_runs(show: Show, tmp_path: Path) -> None:
    plate = show.plate("forest")
    [version] = show.run("thumbnail", plate)
    write_image(plate, np.zeros((32, 64, 3), np.uint8))
    with pytest.raises(InputChangedError, match=r"forest\.png changed"):
        reproduce(show.database, version, settings=show.settings, keep=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_version_whose_files_are_gone_cannot_be_compared(show: Show) -> None:
    [version] = show.run("thumbnail", show.plate("forest"))
    (show.settings.projects_folder / "show" / version.folder).rename(show.folder / "away")
    with pytest.raises(InputMissingError, match="nothing to compare with"):
        reproduce(show.database, version, settings=show.settings)


def test_pictures_are_as_far_apart_as_their_worst_pixel() -> None:
    nan = np.float32("nan")
    grey = np.full((2, 2, 3), 0.5, np.float32)
    assert largest_difference(grey, np.zeros((2, 4, 3), np.float32)) is None
    assert largest_difference(grey, grey * 0) == pytest.approx(0.5)
    assert largest_difference(grey * nan, grey * nan) == 0
    assert largest_difference(grey * nan, grey) > 1e30  # type: ignore[operator]
