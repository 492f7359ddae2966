"""Scripts for RV and Nuke find the LUT of their own version, under the names that were published."""

from __future__ import annotations

import importlib
import re
import runpy
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from command_line import Shotmill
from graded_shot import ocios_own, read_lut
from rv_host import FAKE, on_path

CONFIG = "ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1"
CODES = np.linspace(0, 1, 33, dtype=np.float32)[:, np.newaxis].repeat(3, axis=1)


@pytest.fixture
def published(shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the second version of a shot's look; the first one was made for another display."""
    monkeypatch.setenv("SHOTMILL_PROJECT", "demo")
    monkeypatch.setenv("SHOTMILL_OCIO", CONFIG)
    asked = ("lut_bake", "--shot", "sq010/sh010", "--product", "show-look", "--colourspace", "ACEScct", "--size", 9)
    for display in ("Rec.1886 Rec.709 - Display", "sRGB - Display"):
        ran = shotmill("submit", *asked, "--display", display, "--hosts", "rv,nuke", "--wait")
        assert ran.exit_code == 0, ran.out + ran.err
    return Path(shotmill("path", "sq010/sh010/show-look@v002").out.strip())


def is_the_look(path: Path) -> bool:
    view = ocio.DisplayViewTransform("ACEScct", "sRGB - Display", "ACES 1.0 - SDR Video")
    wanted = ocios_own(CONFIG, view, pixels=CODES)
    return bool(np.abs(read_lut(path, CODES) - wanted)[::4].max() < 1e-5)  # at the nodes


def test_rv_and_nuke_read_the_lut_of_the_version_that_their_script_lies_in(published: Path) -> None:
    names = sorted(path.name for path in published.iterdir())
    [script] = published.glob("*.rv.py")
    with on_path(FAKE):
        session = importlib.import_module("rv.state").new_session()
        session.add_display()
        session.add_source("plate.exr")
        lut = Path(runpy.run_path(str(script))["LUT"])
        [put] = [one.values for name, one in session.properties.items() if name.endswith(".lut.file")]
    assert (put, lut.parent, lut.suffix) == ([str(lut)], published, ".csp")
    assert is_the_look(lut), names
    [nodes] = published.glob("*.nk")
    [suffix] = re.findall(r'^ file "\\\[file rootname \\\[value root\.name]](\.\w+)"$', nodes.read_text(), re.MULTILINE)
    assert is_the_look(nodes.with_suffix(suffix)), names


def test_who_waits_reads_once_how_far_off_a_lut_is(shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_PROJECT", "demo")
    monkeypatch.setenv("SHOTMILL_OCIO", CONFIG)
    asked = ("lut_bake", "--colourspace", "ACEScct", "--space", "ACEScg", "--size", 9, "--formats", "cube,clf")
    ran = shotmill("submit", *asked, "--wait")
    assert ran.exit_code == 0, ran.out + ran.err
    assert [(ran.out + ran.err).count(said) for said in ("cube: 9 nodes", "clf: holds")] == [1, 1]
    reported = shotmill("report").out
    assert [reported.count(said) for said in ("cube: 9 nodes", "clf: holds")] == [1, 1]
