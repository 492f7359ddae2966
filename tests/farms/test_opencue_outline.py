"""OpenCue's own library writes the same documents for the same jobs, element by element."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from made_jobs import SITE, farm_jobs
from outlines import outlined

from shotmill.farm_plugins.opencue.lower import lower_job
from shotmill.farm_plugins.opencue.model import CueSpec
from shotmill.farm_plugins.opencue.spec import write_spec
from shotmill.schema.job import JobSpec

BUNDLE = Path("/shows/my jobs/bundle")
FULL = replace(SITE, tags=("gpuhosts", "linux"), limits=("nuke",), environment={"LICENSE": "4101@lic"})
# All that pyoutline writes empty where there is nothing to say.
EMPTY = {"env", "outputs", "depends"}


def generated(count: int) -> list[JobSpec]:
    """So many jobs, the same ones each time."""
    found: list[JobSpec] = []

    @given(farm_jobs())
    @hypothesis_settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def draw(job: JobSpec) -> None:
        found.append(job)

    draw()
    return found


def elements(element: ET.Element) -> tuple[object, ...]:
    """An element as a value: blanks between elements and empty lists say nothing."""
    inner = tuple(elements(child) for child in element if len(child) or child.tag not in EMPTY)
    return (element.tag, tuple(sorted(element.items())), (element.text or "").strip(), inner)


def elements_of(document: bytes) -> tuple[object, ...]:
    return elements(ET.fromstring(document.decode()))  # noqa: S314 - made here


@pytest.mark.slow
def test_opencue_fact_1_fifty_jobs_are_written_as_pyoutline_writes_them(tmp_path: Path) -> None:
    specs: list[CueSpec] = [lower_job(job, BUNDLE, site) for job in generated(25) for site in (SITE, FULL)]
    theirs = outlined([spec.model_dump(mode="json") for spec in specs], tmp_path)
    assert len(specs) >= 50
    for spec, document in zip(specs, theirs, strict=True):
        assert elements_of(write_spec(spec)) == elements_of(document.encode())
