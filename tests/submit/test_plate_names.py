"""Whom a plate's results belong to: no two plates become versions of one product unnoticed.

The hashes are those of ``printf NAME | sha256sum``.
"""

from __future__ import annotations

import itertools
import unicodedata
from pathlib import Path

import pytest
from command_line import run_process, stop_engines, write_frames

from shotmill.farm_plugins.plates import clips_of_plates, plate_asset
from shotmill.schema.names import check_name


def names(*plates: Path) -> list[str]:
    found = []
    for clip in clips_of_plates([str(plate) for plate in plates], project="demo"):
        assert clip.entity is not None
        found.append(clip.entity.name)
    return found


def touch(*files: Path) -> list[Path]:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return list(files)


@pytest.mark.parametrize(
    ("name", "asset"),
    [
        pytest.param("Ätna", "Atna", id="accents are left out"),
        pytest.param("Ütna", "Utna", id="another letter is another name"),
        pytest.param("hero v1", "hero_v1", id="a space"),
        pytest.param("con", "plate_con", id="a device of Windows"),
        pytest.param("日本", "plate_cf2abf", id="no letter that is left"),
        pytest.param("日本_v2", "v2_67db0d", id="some letters that are left"),
        pytest.param("Straße", "Stra_e_58a377", id="a letter without a plain one"),
        pytest.param("!!!", "plate_e84c53", id="no letter at all"),
    ],
)
def test_a_plates_asset_is_its_name_in_plain_letters(name: str, asset: str) -> None:
    assert plate_asset(name, project="demo").name == asset


def test_a_name_means_one_asset_however_its_accents_are_encoded() -> None:
    forms = {plate_asset(unicodedata.normalize(form, "Čapek 日本"), project="demo").name for form in ("NFC", "NFD")}
    assert len(forms) == 1


def test_long_names_that_differ_at_their_ends_are_different_assets() -> None:
    long = [plate_asset("x" * 70 + end, project="demo").name for end in "ab"]
    assert long[0] != long[1]
    assert [check_name(name, field="name") for name in long] == long


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        (["holes/pl.mov", "cor/pl.mov"], ["holes_pl", "cor_pl"]),
        (["sh010/comp/a.mov", "sh020/comp/a.mov"], ["sh010_a", "sh020_a"]),
        (["x/hero.mov", "x/hero.exr"], ["hero_mov", "hero_exr"]),
        (["x/a b.mov", "x/sub/a_b.mov"], ["x_a_b", "sub_a_b"]),
        (["a/h.mov", "b/h.mov", "b/a_h.mov"], ["a_h", "b_h", "a_h_2"]),
        (["x/one.mov", "y/two.mov"], ["one", "two"]),
    ],
)
def test_plates_of_one_name_are_told_apart_in_any_order(files: list[str], wanted: list[str], tmp_path: Path) -> None:
    plates = touch(*(tmp_path / file for file in files))
    by_path = dict(zip(plates, wanted, strict=True))
    for order in itertools.permutations(plates):
        assert names(*order) == [by_path[plate] for plate in order]


def test_one_plate_shown_twice_makes_two_clips(tmp_path: Path) -> None:
    [plate] = touch(tmp_path / "hero.mov")
    assert names(plate, plate) == ["hero", "hero_2"]


def test_a_version_made_from_another_plate_is_told(tmp_path: Path) -> None:
    home, one, two = tmp_path / "home", write_frames(tmp_path / "one", 1), write_frames(tmp_path / "two", 1)
    first = run_process("submit", "thumbnail", one, "--wait", home=home, env={"SHOTMILL_IDLE_S": "1"})
    again = run_process("submit", "thumbnail", one, home=home)
    other = run_process("submit", "thumbnail", two, "--force", home=home, env={"SHOTMILL_IDLE_S": "1"})
    named = run_process("submit", "thumbnail", two, "--asset", "plate/two", home=home)
    stop_engines(home)
    assert (first.returncode, again.stderr, named.stderr) == (0, "", "")
    wanted = (
        f"note: plate/plate v001 was made from {one}; name this one with --asset KIND/NAME if it is another plate\n"
    )
    assert other.stderr == wanted
