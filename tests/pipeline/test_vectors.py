"""Libraries leave the vector registers of a thread as the next one needs them; asked of the processor itself."""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import pytest

from shotmill.pipeline.images import read_image
from shotmill.pipeline.images.like import read_original
from shotmill.pipeline.vectors import clear_vectors

CPUINFO = Path("/proc/cpuinfo")
UPPER_HALVES = 0b1000100  # Intel SDM volume 1, 13.6: bits 2 and 6 of XINUSE, upper halves of ymm and zmm registers
ASK = bytes.fromhex("b901000000 0f01d0 c3")  # mov ecx, 1; xgetbv; ret


@pytest.fixture(scope="module")
def upper_halves() -> Iterator[Callable[[], int]]:
    """Which upper halves of this thread's registers are in use."""
    if not CPUINFO.exists() or "xgetbv1" not in CPUINFO.read_text().split():
        pytest.skip("this processor does not tell which registers are in use")
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(ASK)
    held = ctypes.c_char.from_buffer(page)
    ask = ctypes.CFUNCTYPE(ctypes.c_uint32)(ctypes.addressof(held))
    yield lambda: ask() & UPPER_HALVES
    del held
    page.close()


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    path = tmp_path / "plate.exr"
    pixels = np.random.default_rng(7).random((64, 256, 3), dtype=np.float32)
    spec = oiio.ImageSpec(256, 64, 3, "half")
    spec.attribute("compression", "zip")
    output = oiio.ImageOutput.create(str(path))
    assert output is not None
    assert output.open(str(path), spec)
    assert output.write_image(pixels)
    output.close()
    return path


@pytest.mark.parametrize("read", [read_image, read_original])
def test_reading_leaves_no_upper_half_in_use(
    upper_halves: Callable[[], int], zipped: Path, read: Callable[[Path], object]
) -> None:
    """OpenEXR's own ZIP reader does on processors with AVX-512, and OpenColorIO is seven times as slow after it."""
    read(zipped)
    assert upper_halves() == 0


def test_upper_halves_are_cleared_whatever_left_them_in_use(upper_halves: Callable[[], int], zipped: Path) -> None:
    source = oiio.ImageInput.open(str(zipped))
    assert source is not None
    source.read_image(0, 0, 0, 3, "half")
    source.close()
    clear_vectors()
    assert upper_halves() == 0
