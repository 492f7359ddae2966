"""Rotos on the local engine, as users type them: published whole, found again, and refined."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import run_process, stop_engines
from roto_plates import Plate, common, make_plate

from shotmill.pipeline.images import read_matte
from shotmill.pipeline.publish.register import read_manifest

TORCHLESS = "raise ModuleNotFoundError('No module named torch', name='torch')\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose processes find no torch; no engine outlives it."""
    for name in ("torch", "sam2", "transformers"):
        (tmp_path / "site" / name).mkdir(parents=True)
        (tmp_path / "site" / name / "__init__.py").write_text(TORCHLESS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("SHOTMILL_IDLE_S", "5")
    yield tmp_path / "home"
    stop_engines(tmp_path / "home")


def submit(home: Path, *arguments: object) -> str:
    done = run_process("submit", "roto", *arguments, "--wait", home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def version_folder(home: Path, number: int, product: str = "roto") -> Path:
    return home / f"projects/local/shots/sq010/sh010/publish/{product}/v{number:03d}"


def matte(folder: Path, frame: int, channel: str = "A") -> np.ndarray:
    [path] = folder.glob(f"*.{frame}.exr")
    return np.asarray(read_matte(path, channel))


def sidecar(folder: Path) -> Any:
    [path] = folder.glob("*.sidecar.json")
    return json.loads(path.read_text())


def stepped(document: Any) -> int:
    return sum(entry.get("stepped", 0) for entry in document["timings"])


@pytest.mark.slow
def test_a_roto_is_published_without_torch_and_then_refined(home: Path, tmp_path: Path) -> None:
    """Roto fact 1: classical runs end to end locally with torch not installed. A refine reuses what it can."""
    plate: Plate = make_plate(tmp_path / "plates", last=1012)
    left, top, *_ends = plate.square(1001)
    hero = f"hero @1001 box {plate.box(1001, margin=3)} +{left + 11},{top + 11}"
    submit(home, plate.pattern, "--shot", "sq010/sh010", "--object", hero, "--exports", "nukepy,silhouette")
    first = version_folder(home, 1)
    for frame in range(plate.first, plate.last + 1):
        assert common(matte(first, frame) > 0.5, plate.truth(frame)) > 0.85, frame  # one pixel less all round is .83
    forms = {form.name: form for form in read_manifest(first).representations}
    assert set(forms) == {"exr", "shapes", "nukepy", "silhouette", "qc", "overlay", "preview", "sidecar"}
    said = sidecar(first)
    assert [one["backend"] for one in said["backends"]] == ["classical", "classical", "edge"]
    assert set(said["confidence"]["hero"]) == {str(frame) for frame in range(1001, 1013)}
    assert "already published as local:sq010/sh010/roto@v001" in submit(
        home, plate.pattern, "--shot", "sq010/sh010", "--object", hero, "--exports", "nukepy,silhouette"
    )

    left, top, *_ends = plate.square(1011)
    submit(home, "--refine", "sq010/sh010/roto@v001", "--object", f"hero @1011 fix +{left + 4},{top + 4}")
    second = version_folder(home, 2)
    now = sidecar(second)
    assert now["parent"]["address"] == "local:sq010/sh010/roto@v001"
    assert now["parent"]["added"] == ["hero @1011 fix"]
    assert read_manifest(second).lineage["sources"] == [read_manifest(first).version_id]
    assert stepped(said) == 12
    assert stepped(now) == 2 + 10  # 1011 and 1012 from the state behind 1010, and back to the prompt on 1001
    for frame in range(plate.first, plate.last + 1):
        assert common(matte(second, frame) > 0.5, plate.truth(frame)) > 0.85, frame


def test_a_version_that_is_not_there_cannot_be_refined(home: Path) -> None:
    done = run_process("submit", "roto", "--refine", "sq010/sh010/roto@v009", "--object", "a @1 +1,1", home=home)
    assert done.returncode == 64
    assert "sq010/sh010/roto" in done.stderr
