"""The environment of the neural backends, and how tests run programs in it.

Run as a program it builds the environment, which takes a minute and a gigabyte, and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from environments import Environment, environment

# What sam2 needs but torchvision, which it needs for single images only and which does not load beside this torch.
PINS = (
    "torch==2.13.0",
    "einops==0.8.2",
    "hydra-core==1.3.8",
    "iopath==0.1.10",
    "pillow==13.0.0",
    "rf-cutie==1.0.1",
    "safetensors==0.8.0",
    "setuptools==84.2.1",
    "tqdm==4.70.1",
    "transformers==5.23.0",
    "wheel",
)
BUILT = ("sam2==1.1.0",)
PROGRAM_S = 900  # half a minute of work; on a machine that does ten times as much beside it
_REPOSITORY = Path(__file__).resolve().parents[2]


def gpu_environment() -> Environment:
    """Torch, sam2, Cutie and transformers; Shotmill and all it stands on are of the Python that runs the tests."""
    return environment("gpu", PINS, resolve=True, built_there=BUILT, setting="SAM2_BUILD_CUDA=0")


def gpu_command(script: str, *arguments: str | Path) -> list[str]:
    """How a script of ``tests/gpu`` is called in that environment."""
    return [
        str(gpu_environment().python),
        "-W",
        "error::UserWarning",
        str(_REPOSITORY / "tests" / "gpu" / script),
        *map(str, arguments),
    ]


def gpu_settings() -> dict[str, str]:
    """The environment variables of such a program: one thread, and our packages first."""
    ours = [_REPOSITORY / ".dev", _REPOSITORY / "tests" / "support", sysconfig.get_paths()["purelib"]]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, ours)),
        "OMP_NUM_THREADS": "1",
    }


def run_program(script: str, *arguments: str | Path) -> Any:
    """What a script of ``tests/gpu`` prints last, read as JSON; the test fails with its words when it fails."""
    ended = subprocess.run(
        gpu_command(script, *arguments),
        capture_output=True,
        text=True,
        timeout=PROGRAM_S,
        check=False,
        env=gpu_settings(),
    )
    if ended.returncode:
        pytest.fail(f"{script} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}", pytrace=False)
    return json.loads(ended.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    gpu_environment()
