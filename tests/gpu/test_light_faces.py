"""The neural backends' faces are there without torch, and say what is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shotmill.pipeline.roto.backend import Choice
from shotmill.pipeline.roto.registry import find_backend, make_backend
from shotmill.schema.errors import MissingExtraError
from shotmill.schema.roto import Stage

NEURAL = {
    "cutie": [Stage.PROPAGATE],
    "sam2": [Stage.SEGMENT, Stage.PROPAGATE],
    "vitmatte": [Stage.MATTE],
    "groundingdino": [Stage.DETECT],
}
HEAVY = ("torch", "sam2", "omegaconf", "transformers", "cv2", "numpy")


@pytest.mark.parametrize("name", NEURAL)
def test_a_face_loads_nothing_heavy(name: str) -> None:
    look = (
        "import sys; from shotmill.pipeline.roto import find_backend; "
        f"find_backend({name!r}); print([each for each in {HEAVY!r} if each in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"


@pytest.mark.parametrize(("name", "stage"), [(name, stage) for name, stages in NEURAL.items() for stage in stages])
def test_without_its_packages_a_backend_names_the_one_that_is_missing(name: str, stage: Stage) -> None:
    with pytest.raises(MissingExtraError, match="torch, which is not installed") as caught:
        make_backend(name, stage, Choice())
    assert caught.value.hint == f"pip install 'shotmill[{'cutie' if name == 'cutie' else 'gpu'}]'"


@pytest.mark.parametrize(("name", "stage"), [(name, stage) for name, stages in NEURAL.items() for stage in stages])
def test_a_neural_stage_asks_for_a_gpu_with_memory(name: str, stage: Stage) -> None:
    needs = find_backend(name, stage).needs[stage]
    assert needs.gpu == 1
    assert needs.gpu_memory_mib >= 6144
