"""Job types are found by folder and by entry point, and nothing more is imported than is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shotmill.jobs import find_job_type, job_type_names, task_function
from shotmill.schema.errors import UnknownJobTypeError

Install = Callable[..., None]

BUILT_IN = [
    "contactsheet",
    "dailies",
    "filmstrip",
    "probe",
    "proxy",
    "publish",
    "qc",
    "selftest",
    "thumbnail",
]
FACE = """
from shotmill.schema.job import JobType, Params
JOB = JobType(name="{name}", summary="", params=Params, steps=lambda params: [], tasks="{module}_tasks")
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a wheel's metadata and module, as pip would lay them out."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(name: str, *, wheel: str = "studio", code: str | None = None) -> None:
        module = f"{wheel}_{name}"
        (tmp_path / f"{module}.py").write_text(FACE.format(name=name, module=module) if code is None else code)
        metadata = tmp_path / f"{module}-1.2.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.2\n")
        (metadata / "entry_points.txt").write_text(f"[shotmill.jobs]\n{name} = {module}\n")

    return installed


def test_the_built_in_job_types_are_listed() -> None:
    assert [name for name in job_type_names() if name in BUILT_IN] == BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_job_type_is_found_by_its_name(name: str) -> None:
    assert find_job_type(name).name == name


def test_a_job_type_of_another_wheel_is_treated_the_same(install: Install) -> None:
    install("grain")
    assert "grain" in job_type_names()
    assert find_job_type("grain").tasks == "studio_grain_tasks"


def test_a_built_in_name_cannot_be_taken(install: Install) -> None:
    install("thumbnail")
    with pytest.raises(UnknownJobTypeError, match=r"Shotmill itself and studio_thumbnail 1\.2"):
        find_job_type("thumbnail")


def test_two_wheels_that_claim_one_name_are_both_named(install: Install) -> None:
    install("grain")
    install("grain", wheel="vendor")
    with pytest.raises(UnknownJobTypeError, match=r"(?s)(studio_grain.*vendor_grain|vendor_grain.*studio_grain)"):
        find_job_type("grain")


def test_a_job_type_that_is_not_allowed_is_refused_by_name(install: Install) -> None:
    install("grain")
    with pytest.raises(UnknownJobTypeError, match=r"'grain' from studio_grain 1\.2 .* not on the list"):
        find_job_type("grain", allowed=["denoise"])
    assert "grain" not in job_type_names(allowed=["denoise"])


def test_built_in_job_types_need_no_allowing() -> None:
    assert find_job_type("probe", allowed=[]).name == "probe"


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    with pytest.raises(UnknownJobTypeError, match="'thumbnial'; did you mean: thumbnail"):
        find_job_type("thumbnial")


def test_a_job_type_that_does_not_import_is_said_to(install: Install) -> None:
    install("broken", code="import no_such_module_at_all\n")
    with pytest.raises(UnknownJobTypeError, match=r"studio_broken.*does not import.*no_such_module_at_all"):
        find_job_type("broken")


def test_a_module_without_a_job_is_refused(install: Install) -> None:
    install("empty", code="")
    with pytest.raises(UnknownJobTypeError, match=r"must hold JOB = JobType\('empty'"):
        find_job_type("empty")


def test_a_task_that_is_not_there_lists_those_that_are() -> None:
    with pytest.raises(UnknownJobTypeError, match=r"'contactsheet' has no task 'paint'.*sheet, stills"):
        task_function(find_job_type("contactsheet"), "paint")


def test_a_tasks_module_without_tasks_is_refused(install: Install, tmp_path: Path) -> None:
    install("grain")
    (tmp_path / "studio_grain_tasks.py").write_text("")
    sys.modules.pop("studio_grain_tasks", None)
    with pytest.raises(UnknownJobTypeError, match="must hold TASKS"):
        task_function(find_job_type("grain"), "work")
