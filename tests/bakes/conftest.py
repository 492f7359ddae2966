"""Fixtures of the bakes' tests: strange light, configs with a CDL, a look and file LUTs, and jobs run task by task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import home, shotmill
from numpy.typing import NDArray
from ran_jobs import RanJob

from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.receipts import Output

__all__ = ["home", "shotmill"]

ACES1 = "ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1"
ACES2 = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
SIZE = (64, 48)


class Baked(RanJob):
    """A job whose tasks were run up to the publish."""

    @property
    def outputs(self) -> list[Output]:
        assert not self.failure
        return [output for receipt in read_receipts(self.folder, "bake") for output in receipt.outputs]

    @property
    def files(self) -> dict[str, Path]:
        """Files of all tasks by name."""
        return {
            file.path: self.folder.root / receipt.root / file.path
            for receipt in read_receipts(self.folder, "bake")
            for output in receipt.outputs
            for file in output.files
        }


Bake = Callable[..., Baked]


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> StudioTools:
    """Tools that stay warm over all tests, as in a worker."""
    return StudioTools(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.fixture
def bake(tmp_path: Path, settings: Settings, tools: StudioTools) -> Bake:
    """Plan a job of any type and run its tasks in order, up to the publish or the first failure."""
    runs = iter(range(1_000))

    def run(job_type: str, *plates: Path | str, ocio: str = ACES2, allow_holes: bool = False, **params: Any) -> Baked:
        here = settings.model_copy(update={"ocio": ocio})
        request = SubmitRequest(job_type, params=params, plates=[str(one) for one in plates], allow_holes=allow_holes)
        spec = plan(request, here).spec
        return Baked.run(spec, tmp_path / f"job-{next(runs)}", here, tools)

    return run


@pytest.fixture(scope="session")
def light() -> NDArray[np.float32]:
    """(48, 64, 3): random, saturated, negative, far too bright, and what is no number; halves hold it exactly."""
    dice = np.random.default_rng(11)
    pixels = dice.normal(0.4, 0.5, (SIZE[1], SIZE[0], 3)).astype(np.float32)
    pixels[0, :, 1:] = 0.0
    pixels[1] = -np.abs(pixels[1])
    pixels[2] *= 400.0
    pixels[3, :4, 0] = np.nan, np.inf, -np.inf, 65504.0
    return pixels.astype(np.float16).astype(np.float32)


CONFIG = """ocio_profile_version: 2
environment: {{SHOT: none}}
search_path: luts
roles: {{default: raw, scene_linear: lin, data: raw}}
file_rules: [!<Rule> {{name: Default, colorspace: raw}}]
displays:
  Desk:
    - !<View> {{name: Plain, colorspace: shown}}
    - !<View> {{name: Graded, colorspace: shown, looks: warm}}
active_displays: [Desk]
looks:
  - !<Look> {{name: warm, process_space: log, transform: !<CDLTransform> {{slope: [1.2, 1, 0.8], sat: 0.9}}}}
  - !<Look> {{name: shot, process_space: log, transform: !<FileTransform> {{src: {shot}, interpolation: linear}}}}
colorspaces:
  - !<ColorSpace> {{name: raw, isdata: true}}
  - !<ColorSpace> {{name: lin, encoding: scene-linear}}
  - !<ColorSpace> {{name: log, encoding: log, from_scene_reference: !<LogTransform> {{base: 2, direction: forward}}}}
  - !<ColorSpace> {{name: film, from_scene_reference: !<FileTransform> {{src: film.cube, interpolation: linear}}}}
  - !<ColorSpace>
    name: shown
    encoding: sdr-video
    from_scene_reference: !<ExponentTransform> {{value: 2.2, direction: inverse}}
"""


@pytest.fixture(scope="session")
def cube() -> str:
    """A cube of five nodes an axis whose channels mix."""
    steps = np.linspace(0, 1, 5)
    rows = [(red**0.8, 0.9 * green + 0.1 * red, blue * blue) for blue in steps for green in steps for red in steps]
    return "LUT_3D_SIZE 5\n" + "".join(f"{r:.6f} {g:.6f} {b:.6f}\n" for r, g, b in rows)


@pytest.fixture
def studio_config(tmp_path: Path, cube: str) -> Path:
    """A config of a studio: a log space, a look, a look that a context variable names, and a file LUT."""
    luts = tmp_path / "config/luts"
    luts.mkdir(parents=True)
    for name in ("film", "sh010"):
        (luts / f"{name}.cube").write_text(cube)
    path = tmp_path / "config/config.ocio"
    path.write_text(CONFIG.format(shot="$SHOT.cube"))
    return path
