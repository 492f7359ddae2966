"""What walks found is kept: a task that died goes on where it was, and a refined job walks what changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import roto_backends
from roto_backends import Asked
from roto_plates import Plate, make_plate

from shotmill.pipeline.roto import registry
from shotmill.pipeline.roto.cache import FrameCache, next_key
from shotmill.pipeline.settings import Settings

RunRoto = Callable[..., Any]  # see conftest.py
COUNTING = {"segment": "counting", "propagate": "counting", "direction": "forward"}
KEY = next_key("", "a")
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A backend that counts what it is asked."""
    monkeypatch.setitem(registry.BUILT_IN, "counting", roto_backends.__name__)
    Asked.forget()
    yield
    Asked.forget()


@pytest.fixture
def long_plate(tmp_path: Path) -> Plate:
    return make_plate(tmp_path / "long", last=1016)


def test_a_second_job_finds_all_frames_and_writes_the_same_bytes(run_roto: RunRoto, plate: Plate) -> None:
    hero = f"hero @1001 box {plate.box(1001)}"
    first = run_roto(plate, hero, **COUNTING, until="matte")
    again = run_roto(plate, hero, **COUNTING, until="matte")
    assert (first.stepped(), again.stepped()) == (8, 0)
    assert again.files("propagate") == first.files("propagate")


def test_without_a_cache_the_bytes_are_the_same(run_roto: RunRoto, plate: Plate, settings: Settings) -> None:
    hero = f"hero @1001 box {plate.box(1001)}"
    kept = [run_roto(plate, hero, **COUNTING, until="matte") for _ in range(2)][1]
    plain = run_roto(plate, hero, **COUNTING, until="matte", settings=settings.model_copy(update={"cache_mib": 0}))
    assert plain.stepped() == 8
    assert plain.files("propagate") == kept.files("propagate")


def test_a_task_that_died_works_on_the_missing_frames_only(run_roto: RunRoto, long_plate: Plate) -> None:
    """Roto fact 8: only what is missing is made, from the state nearest to it, and the masks are byte-identical."""
    hero = f"hero @1001 box {long_plate.box(1001)}"
    Asked.die_after = 12
    with pytest.raises(KeyboardInterrupt):
        run_roto(long_plate, hero, **COUNTING, until="matte")
    Asked.forget()
    again = run_roto(long_plate, hero, **COUNTING, until="matte")
    # Frames 11 and 12 are walked again from the state behind the tenth, and then the four that were missing.
    assert (Asked.steps, Asked.resumed) == (6, 1)
    Asked.forget()
    whole = run_roto(long_plate, hero, **COUNTING, until="matte", seed=1)  # a seed is part of the key: nothing is found
    assert Asked.steps == 16
    assert again.files("propagate") == whole.files("propagate")


def test_a_new_prompt_walks_from_its_frame_on(run_roto: RunRoto, long_plate: Plate) -> None:
    hero = f"hero @1001 box {long_plate.box(1001)}"
    run_roto(long_plate, hero, **COUNTING, until="matte")
    Asked.forget()
    mended = run_roto(long_plate, f"{hero} @1013 fix +60,30", **COUNTING, until="matte")
    assert (Asked.steps, Asked.resumed) == (6, 1)  # 1011 to 1016, from the state behind 1010
    assert mended.failure == ""


def test_a_correction_walks_on_from_its_frame_and_back_from_it(run_roto: RunRoto, long_plate: Plate) -> None:
    both = {**COUNTING, "direction": "both", "until": "matte"}
    hero = f"hero @1001 box {long_plate.box(1001)}"
    run_roto(long_plate, hero, **both)
    Asked.forget()
    run_roto(long_plate, f"{hero} @1013 fix +60,30", **both)
    assert Asked.steps == 6 + 12  # 1011 to 1016, from the state behind 1010; and 1013 back to 1002
    Asked.forget()
    run_roto(long_plate, f"{hero} @1006 fix +40,20 @1013 fix +60,30", **both)
    # No state before 1006 was kept, so all onwards; 1006 back to 1002; what 1013 brings back is what it was.
    assert Asked.steps == 16 + 5


def test_another_picture_on_one_frame_walks_from_there_on(run_roto: RunRoto, plate: Plate) -> None:
    hero = f"hero @1001 box {plate.box(1001)}"
    run_roto(plate, hero, **COUNTING, until="matte")
    plate.path(1006).write_bytes(plate.path(1005).read_bytes())
    assert run_roto(plate, hero, **COUNTING, until="matte").stepped() == 8  # no state before 1006 was kept
    assert run_roto(plate, hero, **COUNTING, until="matte").stepped() == 0


def test_another_exposure_is_another_picture(run_roto: RunRoto, tmp_path: Path) -> None:
    plate = make_plate(tmp_path / "exr", suffix="exr", last=1002)
    shown = {**COUNTING, "colourspace": "lin_rec709", "until": "matte"}
    hero = f"hero @1001 box {plate.box(1001)}"
    steps = [run_roto(plate, hero, **shown, exposure=stops).stepped() for stops in (0, 1, 0)]
    assert steps == [2, 2, 0]


def test_another_version_of_a_backend_makes_its_masks_anew(
    run_roto: RunRoto, plate: Plate, monkeypatch: pytest.MonkeyPatch
) -> None:
    hero = f"hero @1001 box {plate.box(1001)}"
    run_roto(plate, hero, **COUNTING, until="matte")
    monkeypatch.setattr(roto_backends, "BACKEND", replace(roto_backends.BACKEND, version=2))
    assert run_roto(plate, hero, **COUNTING, until="matte").stepped() == 8


def test_what_is_kept_comes_back_whole(tmp_path: Path) -> None:
    cache = FrameCache(tmp_path / "cache", most_mib=1)
    assert cache.get(KEY) is None
    cache.put(KEY, b"mask")
    assert cache.get(KEY) == b"mask"
    [file] = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    file.write_bytes(file.read_bytes()[:-1])
    assert cache.get(KEY) is None


def test_the_longest_unused_goes_first_when_it_grows_too_large(tmp_path: Path) -> None:
    cache = FrameCache(tmp_path / "cache", most_mib=1)
    keys = [next_key("", number) for number in range(5)]
    for age, key in enumerate(keys):
        cache.put(key, bytes(MIB // 4))
        os.utime(tmp_path / "cache" / key[:2] / key, ns=(age * 10**9, age * 10**9))
    assert cache.get(keys[0]) is not None  # used just now
    cache.prune()
    # Five quarters of a MiB with their checksums are too much; what is left fits into 0.8 of one.
    assert [cache.get(key) is not None for key in keys] == [True, False, False, True, True]


def test_a_link_in_the_cache_leads_nowhere(tmp_path: Path) -> None:
    cache = FrameCache(tmp_path / "cache", most_mib=1)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / KEY[:2]).symlink_to(tmp_path / "elsewhere")
    cache.put(KEY, b"mask")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert cache.get(KEY) is None


def test_a_folder_that_cannot_be_made_keeps_nothing_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = FrameCache(tmp_path / "file" / "cache", most_mib=1)
    cache.put(KEY, b"mask")
    assert cache.get(KEY) is None
