"""Paths made to lead elsewhere: each refused with a code, and nothing is written outside the project's root."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import write_frames
from done_jobs import done_job, job_spec, staged, visible
from paths_payloads import HARMLESS, HOSTILE, PATHS
from pydantic import ValidationError
from specs import clip
from studio_jobs import install_trial

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.farm_plugins.task import Attempted, TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.ingest import ingest
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.faults import POINTS, set_fault
from shotmill.pipeline.publish.verify import verify_folder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import InputCorruptError, InputMissingError, ParamsError, ShotmillError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import OutputSpec
from shotmill.schema.media import EntityKind, EntityRef
from shotmill.schema.publishing import MANIFEST_NAME, ManifestFile
from shotmill.schema.receipts import Receipt, ReceiptFile
from shotmill.submitters.cli.forms import read_params

pytestmark = pytest.mark.hostile
CPU_S = 10.0
SHOT = {"project": "demo", "kind": EntityKind.SHOT, "parent": "sq010", "name": "sh010"}
OUTPUT = {"product": "main", "entity": SHOT, "name": "comp", "representation": "exr", "extension": "exr"}


def everything(folder: Path, *, but: Path) -> dict[str, bytes | str]:
    """Every file, folder and link below a folder, with what it holds, except below one of them."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        if path == but or path.is_relative_to(but):
            continue
        if path.is_symlink():
            found[str(path)] = str(path.readlink())
        else:
            found[str(path)] = path.read_bytes() if path.is_file() else ""
    return found


@pytest.fixture
def outside(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A folder with something precious; nothing outside the home has changed when the test ends, and it was quick."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "precious.txt").write_text("precious")
    before, began = everything(tmp_path, but=settings.home), time.process_time()
    yield folder
    assert everything(tmp_path, but=settings.home) == before
    assert time.process_time() - began < CPU_S


def test_there_are_more_than_two_hundred_paths() -> None:
    assert len(HOSTILE) > 200


def receipt_with(**wrong: str) -> Callable[[], object]:
    given = {
        "job": "x",
        "step": "work",
        "frames": "1",
        "done": "1",
        "root": "a",
        "log": "b",
        "attempt": "1",
        "host": "h",
    }
    times = {"started": "2026-01-01T00:00:00Z", "finished": "2026-01-01T00:00:00Z", "wall_s": 0, "cpu_s": 0}
    return lambda: Receipt.model_validate({**given, **times, **wrong})


DOCUMENTS: dict[str, Callable[[str], object]] = {
    "file of a receipt": lambda path: ReceiptFile(path=path, size=1, checksum="0" * 32),
    "file of a manifest": lambda path: ManifestFile(path=path, size=1, checksum="0" * 32),
    "root of a receipt": lambda path: receipt_with(root=path)(),
    "log of a receipt": lambda path: receipt_with(log=path)(),
    "project": lambda path: EntityRef.model_validate({**SHOT, "project": path}),
    "sequence": lambda path: EntityRef.model_validate({**SHOT, "parent": path}),
    "shot": lambda path: EntityRef.model_validate({**SHOT, "name": path}),
    "product": lambda path: OutputSpec.model_validate({**OUTPUT, "name": path}),
    "representation": lambda path: OutputSpec.model_validate({**OUTPUT, "representation": path}),
    "extension": lambda path: OutputSpec.model_validate({**OUTPUT, "extension": path}),
}


@pytest.mark.parametrize("place", DOCUMENTS)
def test_a_document_that_names_a_path_elsewhere_is_refused(place: str) -> None:
    names = place not in {"file of a receipt", "file of a manifest", "root of a receipt", "log of a receipt"}
    for path in PATHS if names else HOSTILE:
        with pytest.raises(ValidationError):
            DOCUMENTS[place](path)


def test_odd_names_that_lead_nowhere_are_files_like_others(tmp_path: Path) -> None:
    for path in HARMLESS:
        assert (tmp_path / DOCUMENTS["file of a receipt"](path).path).resolve().is_relative_to(tmp_path)  # type: ignore[attr-defined]


@pytest.fixture
def _trial(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(install_trial(tmp_path_factory.mktemp("site") / "trial")))
    monkeypatch.delitem(sys.modules, "studio_trial", raising=False)


def handed_over(path: str, settings: Settings, number: int) -> Attempted:
    """A task that says it wrote this file."""
    params: dict[str, Any] = {"action": "name", "text": "x"}
    spec = plan(SubmitRequest("trial", params=params, project="demo"), settings).spec
    spec = spec.model_copy(update={"params": {**spec.params, "text": path.encode("utf-8", "replace").decode()}})
    bundle = write_bundle(spec, JobFolder(settings.jobs_folder / str(number)))
    return run_task(TaskRequest(bundle, "work", FrameSet((1,))), settings)


@pytest.mark.usefixtures("_trial", "outside")
def test_a_task_that_hands_over_a_path_elsewhere_fails(settings: Settings) -> None:
    for number, path in enumerate(HOSTILE[::3]):
        ran = handed_over(path, settings, number)
        assert ran.failure_code in {"E202", "E203", "E502"}, (path, ran)
    assert list(settings.jobs_folder.glob("*/receipts/*/*")) == []
    assert list(settings.jobs_folder.glob("*/attempts/*/*/*/")) == []


def read_elsewhere(content: dict[str, Any], path: str) -> None:
    content["root"] = path


def read_files_elsewhere(content: dict[str, Any], path: str) -> None:
    content["outputs"][0]["files"][0]["path"] = path


@pytest.mark.parametrize("change", [read_elsewhere, read_files_elsewhere])
@pytest.mark.parametrize("path", ["../../outside", "/etc", "attempts/../..", "x\0", "C:\\x", "attempts/nul", "a//b"])
def test_a_receipt_that_was_changed_to_lead_elsewhere_stops_the_publish(
    change: Callable[[dict[str, Any], str], None],
    path: str,
    outside: Path,
    settings: Settings,
    sqlite_database: Database,
) -> None:
    assert outside.is_dir()
    spec = job_spec()
    folder = done_job(settings.home / "job", spec)
    [receipt] = folder.receipts("render")
    content = json.loads(receipt.read_text())
    change(content, path)
    receipt.write_text(json.dumps(content))
    with pytest.raises(InputCorruptError, match="cannot be read"):
        run_publish(folder, spec, settings, sqlite_database)
    assert (visible(settings.projects_folder), staged(settings.projects_folder)) == ([], [])


@pytest.mark.parametrize("path", ["../../../../../outside/precious.txt", "/etc/passwd", "..\\x", "x\0"])
def test_a_manifest_that_was_changed_to_lead_elsewhere_is_a_problem_of_its_version(
    path: str, outside: Path, settings: Settings, sqlite_database: Database
) -> None:
    assert outside.is_dir()
    spec = job_spec()
    report = run_publish(done_job(settings.home / "job", spec), spec, settings, sqlite_database)
    version = Path(report.versions[0].folder)
    content = json.loads((version / MANIFEST_NAME).read_text())
    content["representations"][0]["files"][0]["path"] = path
    (version / MANIFEST_NAME).write_text(json.dumps(content))
    [problem] = verify_folder(version).problems
    assert "must stay below its folder" in problem.problem or "control" in problem.problem


def test_a_published_file_that_became_a_pipe_is_a_problem_and_not_waited_for(
    settings: Settings, sqlite_database: Database
) -> None:
    spec = job_spec()
    report = run_publish(done_job(settings.home / "job", spec), spec, settings, sqlite_database)
    file = next(Path(report.versions[0].folder).glob("*.1002.bin"))
    file.unlink()
    os.mkfifo(file)
    [problem] = verify_folder(Path(report.versions[0].folder)).problems
    assert (problem.frame, "no file" in problem.problem) == (1002, True)


@pytest.mark.usefixtures("outside")
def test_a_task_of_a_bundle_elsewhere_is_refused(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.home.mkdir()
    monkeypatch.chdir(settings.home)
    for path in HOSTILE:
        if "\0" in path:  # no argv can hold one
            continue
        ran = run_task(TaskRequest(Path(path), "work", FrameSet((1,))), settings)
        assert (ran.failure_code in {"E204", "E205"}, ran.log) == (True, ""), (path, ran)
    assert tmp_path.is_dir()


def bundle_of(folder: Path, make: Callable[[Path], object]) -> Path:
    folder.mkdir(parents=True)
    make(folder / "job.json")
    return folder


ODD: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": lambda path: path.mkdir(),
    "a dead link": lambda path: path.symlink_to("/nowhere"),
    "a link to itself": lambda path: path.symlink_to(path),
    "noise": lambda path: path.write_bytes(os.urandom(4096)),
    "a hundred megabytes": lambda path: path.write_bytes(b"[" * 100_000_000),
    "brackets without end": lambda path: path.write_bytes(b"[" * 1_000_000),
}


@pytest.mark.parametrize("what", ODD)
def test_a_bundle_whose_job_is_odd_is_refused_in_bounded_time(what: str, outside: Path, settings: Settings) -> None:
    assert outside.is_dir()
    ran = run_task(TaskRequest(bundle_of(settings.home / "b", ODD[what]), "work", FrameSet((1,))), settings)
    assert ran.failure_code in {"E204", "E205", "E206"}, ran
    assert "\n" not in (ran.failure or "")


@pytest.mark.parametrize("what", ODD)
def test_a_file_of_parameters_that_is_odd_is_refused_in_bounded_time(
    what: str, tmp_path: Path, settings: Settings
) -> None:
    bundle_of(tmp_path / "params", ODD[what])
    with pytest.raises(ParamsError, match="cannot be read") as caught:
        read_params({}, (), str(tmp_path / "params" / "job.json"))
    assert caught.value.line().isprintable()
    assert not settings.home.exists()


@pytest.mark.usefixtures("outside")
def test_a_cut_at_a_path_elsewhere_is_refused(settings: Settings, sqlite_database: Database) -> None:
    settings.home.mkdir(exist_ok=True)
    for path in HOSTILE:
        with pytest.raises(ShotmillError) as caught:
            ingest(sqlite_database, Path(path), project="demo", cut="main")
        assert caught.value.line().isprintable(), path


@pytest.mark.parametrize("job_type", ["publish", "thumbnail"])
@pytest.mark.usefixtures("outside")
def test_a_plate_at_a_path_elsewhere_is_refused(
    job_type: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.home.mkdir()
    monkeypatch.chdir(settings.home)
    params = {"product": "comp"} if job_type == "publish" else {}
    for path in HOSTILE:
        with pytest.raises(ShotmillError) as caught:
            plan(SubmitRequest(job_type, plates=[path], params=params), settings)
        assert caught.value.code.startswith("E2"), path
        assert caught.value.line().isprintable(), path


@pytest.mark.usefixtures("outside")
def test_a_clip_at_a_path_elsewhere_is_refused(settings: Settings) -> None:
    for path in HOSTILE:
        given = {**clip(1).model_dump(mode="json"), "media": path, "frames": None}
        with pytest.raises(ShotmillError) as caught:
            plan(SubmitRequest("publish", params={"clips": [given]}), settings)
        assert caught.value.code.startswith("E2"), path


def test_a_plate_that_becomes_something_else_after_submitting_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "plates").mkdir()
    for number, what in enumerate(("a pipe", "a device", "a folder", "a dead link")):
        path = write_frames(tmp_path / "plates" / str(number), 1).with_name("plate.0001.png")
        spec = plan(SubmitRequest("publish", plates=[str(path)], params={"product": "comp"}), settings).spec
        path.unlink()
        ODD[what](path)
        bundle = write_bundle(spec, JobFolder(settings.jobs_folder / str(number)))
        ran = run_task(TaskRequest(bundle, "collect", FrameSet((1,))), settings)
        assert ran.failure_code in {InputCorruptError.code, InputMissingError.code}, ran


SWAPPED = ("shots", "shots/sq010", "shots/sq010/sh010/publish/comp", ".staging")


@pytest.mark.parametrize("swapped", SWAPPED)
def test_a_folder_swapped_for_a_link_at_any_moment_leads_nothing_outside(
    swapped: str, outside: Path, settings: Settings, sqlite_database: Database
) -> None:
    project = settings.projects_folder / "demo"
    for number, point in enumerate(POINTS):
        spec = job_spec()
        folder = done_job(settings.home / "jobs" / str(number), spec, {n: os.urandom(64) for n in (1001, 1002, 1003)})
        set_fault(swap_at(point, project / swapped, outside))
        with contextlib.suppress(ShotmillError):
            run_publish(folder, spec, settings, sqlite_database)
        set_fault(None)
        put_back(project / swapped)
        assert sorted(path.name for path in outside.iterdir()) == ["precious.txt"], point
        run_publish(folder, spec, settings, sqlite_database)  # and it goes on when the link is gone
    assert staged(settings.projects_folder) == []


def swap_at(point: str, place: Path, outside: Path) -> Callable[[str], None]:
    """Somebody who moves a folder away and puts a link in its place, once."""
    left = [1]

    def swap(passed: str) -> None:
        if passed == point and left.pop():
            left.append(0)
            if place.is_dir():
                place.rename(place.with_name(place.name + ".away"))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(outside)

    return swap


def put_back(place: Path) -> None:
    away = place.with_name(place.name + ".away")
    if place.is_symlink():
        place.unlink()
    if away.is_dir() and not place.exists():
        away.rename(place)
