"""What a path that somebody typed means."""

from __future__ import annotations

from pathlib import Path

import pytest

from shotmill.pipeline.media import clip_of, find_medium
from shotmill.schema.errors import BadRequestError, FrameSpecError, InputMissingError
from shotmill.schema.media import MediaKind


def touch(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    return touch(tmp_path / "plate", *(f"hero.{frame}.exr" for frame in (1001, 1002, 1004)))


@pytest.mark.parametrize("typed", ["hero.####.exr", "hero.#.exr", "hero.%04d.exr", "hero.$F4.exr", "hero.@@@@.exr", ""])
def test_a_pattern_or_its_folder_means_the_sequence(typed: str, plate: Path) -> None:
    found = find_medium(str(plate / typed))
    assert (found.path, str(found.frames), str(found.missing)) == (str(plate / "hero.####.exr"), "1001-1004", "1003")
    assert found.frame is None


def test_a_lone_hash_stands_for_any_padding(tmp_path: Path) -> None:
    plate = touch(tmp_path / "x", "a.0001.exr", "a.0002.exr", "b.9.exr", "b.10.exr", "c.-002.exr", "c.001.exr")
    found = [find_medium(str(plate / f"{name}.#.exr")) for name in "abc"]
    assert [Path(one.path).name for one in found] == ["a.####.exr", "b.#.exr", "c.###.exr"]
    assert [str(one.frames) for one in found] == ["1-2", "9-10", "-2-1"]


@pytest.mark.parametrize("typed", ["", "p.8.exr", "p.10.exr", "p.#.exr", "p.%d.exr", "p.$F.exr"])
def test_an_unpadded_sequence_is_whole_however_it_is_named(typed: str, tmp_path: Path) -> None:
    pad = touch(tmp_path / "pad", "p.8.exr", "p.9.exr", "p.10.exr", "p.11.exr")
    found = find_medium(str(pad / typed))
    assert (found.path, str(found.frames), found.missing) == (str(pad / "p.#.exr"), "8-11", None)


@pytest.mark.parametrize("typed", ["", "n.####.exr", "n.#.exr", "n.-0002.exr", "n.0001.exr"])
@pytest.mark.parametrize("head", ["n.", "n_", ""])
def test_a_sequence_may_begin_below_zero(typed: str, head: str, tmp_path: Path) -> None:
    folder = touch(tmp_path / "x", *(f"{head}{frame}.exr" for frame in ("-0002", "-0001", "0000", "0001")))
    found = find_medium(str(folder / typed.replace("n.", head)))
    assert (Path(found.path).name, str(found.frames), found.missing) == (f"{head}####.exr", "-2-1", None)
    assert found.frame == {"n.-0002.exr": -2, "n.0001.exr": 1}.get(typed)


def test_a_minus_between_words_is_none(tmp_path: Path) -> None:
    found = find_medium(str(touch(tmp_path / "x", "shot-001.exr", "shot-002.exr")))
    assert (Path(found.path).name, str(found.frames)) == ("shot-###.exr", "1-2")


@pytest.mark.parametrize("typed", ["", "p.1001.exr", "p.0999.exr", "p.#.exr", "p.####.exr"])
def test_a_padded_sequence_is_whole_where_numbers_fill_their_padding(typed: str, tmp_path: Path) -> None:
    found = find_medium(str(touch(tmp_path / "x", "p.0999.exr", "p.1000.exr", "p.1001.exr") / typed))
    assert (Path(found.path).name, str(found.frames)) == ("p.####.exr", "999-1001")


@pytest.mark.parametrize("typed", ["", "p.#.exr", "p.10.exr"])
def test_two_paddings_of_one_number_are_refused_by_both_names(typed: str, tmp_path: Path) -> None:
    folder = touch(tmp_path / "x", "p.1.exr", "p.01.exr", "p.001.exr", "p.10.exr")
    with pytest.raises(BadRequestError, match=r"p\.1\.exr and p\.001\.exr in .* such as p\.###\.exr"):
        find_medium(str(folder / typed))


@pytest.mark.parametrize(("typed", "name", "frames"), [("p.1.exr", "p.#.exr", "1-2"), ("p.01.exr", "p.##.exr", "1-2")])
def test_one_of_two_paddings_can_be_named(typed: str, name: str, frames: str, tmp_path: Path) -> None:
    found = find_medium(str(touch(tmp_path / "x", "p.1.exr", "p.2.exr", "p.01.exr", "p.02.exr") / typed))
    assert (Path(found.path).name, str(found.frames)) == (name, frames)


def test_a_folder_of_numbered_movies_holds_as_many_media(tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match=r"holds 2 media \(A001.mov, A002.mov\)"):
        find_medium(str(touch(tmp_path / "x", "A001.mov", "A002.mov")))


def test_a_file_is_itself_even_if_its_name_looks_like_a_pattern(tmp_path: Path) -> None:
    still = touch(tmp_path / "x", "icon@2x.png") / "icon@2x.png"
    assert find_medium(str(still)).path == str(still)


def test_a_hash_in_a_files_own_name_asks_for_another_name(tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match="rename the file"):
        find_medium(str(touch(tmp_path / "x", "take#2.mov") / "take#2.mov"))


def test_one_frame_means_its_sequence_and_is_the_one_to_show(plate: Path) -> None:
    clip = clip_of(find_medium(str(plate / "hero.1002.exr")))
    assert (clip.media, str(clip.frames), clip.frame) == (str(plate / "hero.####.exr"), "1001-1004", 1002)


def test_a_number_in_a_lone_still_is_no_sequence(tmp_path: Path) -> None:
    found = find_medium(str(touch(tmp_path / "x", "set_010.png") / "set_010.png"))
    assert (found.kind, found.frames) == (MediaKind.STILL, None)


@pytest.mark.parametrize("typed", ["Screenshot_20241231235958.png", "x.20241231.exr", "x.00000001.exr"])
def test_a_number_far_from_all_others_is_no_frame(typed: str, tmp_path: Path) -> None:
    shots = ("Screenshot_20241231235958.png", "Screenshot_20241231235959.png")
    found = find_medium(str(touch(tmp_path / "x", *shots, "x.00000001.exr", "x.20241231.exr") / typed))
    assert (found.path, found.kind, found.frame) == (str(tmp_path / "x" / typed), MediaKind.STILL, None)


@pytest.mark.parametrize("typed", ["", "x.########.exr", "x.#.exr", "x.00000002.exr"])
def test_files_too_far_apart_for_a_sequence_are_named(typed: str, tmp_path: Path) -> None:
    folder = touch(tmp_path / "x", "x.00000001.exr", "x.00000002.exr", "x.20241231.exr")
    with pytest.raises(FrameSpecError, match=r"x\.00000001\.exr and x\.20241231\.exr in .*another folder"):
        find_medium(str(folder / typed))


def test_a_time_beside_a_sequence_is_none_of_its_frames(tmp_path: Path) -> None:
    found = find_medium(str(touch(tmp_path / "x", "x.1.exr", "x.2.exr", "x.20241231235958.exr") / "x.#.exr"))
    assert (str(found.frames), found.missing) == ("1-2", None)


@pytest.mark.parametrize("typed", ["gone.mov", "gone.####.exr", "no/folder/x.exr", "hero.#####.exr"])
def test_what_is_not_there_is_named(typed: str, plate: Path) -> None:
    with pytest.raises(InputMissingError, match=typed.rpartition("/")[2]):
        find_medium(str(plate / typed))


def test_a_file_that_is_called_like_a_suffix_is_no_medium(plate: Path) -> None:
    assert find_medium(str(touch(plate, "exr", ".mov"))).path == str(plate / "hero.####.exr")


def test_a_folder_of_several_media_asks_for_one(plate: Path) -> None:
    touch(plate, "other.mov")
    with pytest.raises(BadRequestError, match=r"holds 2 media \(hero.#.exr, other.mov\); name one of them"):
        find_medium(str(plate))


def test_a_file_that_is_no_picture_is_refused_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match=r"neither a movie nor an image.*\.exr.*\.mov"):
        find_medium(str(touch(tmp_path / "x", "notes.txt") / "notes.txt"))


def test_a_missing_frame_is_told_with_those_there_are(tmp_path: Path) -> None:
    folder = touch(tmp_path / "x", *(f"p.{frame}.exr" for frame in (1001, 1002, 1003, 1004, 1006)))
    with pytest.raises(InputMissingError, match=r"frame 1005 is missing; the sequence has 1001-1004,1006$") as caught:
        find_medium(str(folder / "p.1005.exr"))
    assert caught.value.hint.endswith(f"or the sequence: {folder}/p.####.exr")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        pytest.param("x/hreo.mov", "did you mean: HERE/x/hero.mov", id="a letter is wrong"),
        pytest.param("x/unlike.mp4", "check the name; folder HERE/x is there", id="nothing is like it"),
        pytest.param("nas/show/p.mov", "HERE is there, 'nas' in it is not; check the path, or mount", id="no folder"),
    ],
)
def test_a_path_that_is_not_there_is_answered_with_the_next_best(typed: str, hint: str, tmp_path: Path) -> None:
    touch(tmp_path / "x", "hero.mov")
    with pytest.raises(InputMissingError) as caught:
        find_medium(str(tmp_path / typed))
    assert caught.value.hint.startswith(hint.replace("HERE", str(tmp_path)))
