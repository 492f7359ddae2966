"""Which GPUs an engine offers: those that CUDA sees by CUDA_VISIBLE_DEVICES, as its programming guide tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from shotmill.farm_plugins.local.slots import capacity_of
from shotmill.pipeline.settings import Settings


@pytest.mark.parametrize(
    ("visible", "seen"),
    [
        pytest.param(None, ("0", "1", "2", "3"), id="no word: all"),
        pytest.param("", (), id="empty: none"),
        pytest.param("-1", (), id="-1: none"),
        pytest.param("2,0", ("2", "0"), id="in its order"),
        pytest.param("0,-1,2", ("0",), id="none behind a negative one"),
        pytest.param("NoDevFiles", (), id="a word of Slurm: none"),
        pytest.param(" 1 , 3", ("1", "3"), id="blanks"),
        pytest.param("GPU-8932f937-d72c,MIG-GPU-5c89/1/0", ("GPU-8932f937-d72c", "MIG-GPU-5c89/1/0"), id="UUIDs"),
        pytest.param("0,1,2,3,4,5", ("0", "1", "2", "3"), id="no more than the settings allow"),
    ],
)
def test_an_engine_offers_the_devices_that_cuda_sees(
    visible: str | None, seen: tuple[str, ...], tmp_path: Path
) -> None:
    assert capacity_of(Settings(home=tmp_path, gpus=4), visible=visible).gpus == seen
