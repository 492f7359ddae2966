"""``shotmill segment``, as typed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import run_process
from studio_backends import NAME

from shotmill.farm_plugins.segmenter.ask import living
from shotmill.farm_plugins.segmenter.place import Place
from shotmill.pipeline.images import read_image
from shotmill.submitters.cli.root import invoke

pytestmark = pytest.mark.measured

CLICK = ("--frame", "1001", "--point", "30,15", "--backend", NAME)


@pytest.fixture(autouse=True)
def _home(place: Place, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del wheel
    monkeypatch.setenv("SHOTMILL_HOME", str(place.folder.parent))


def test_one_click_without_a_server_is_done_here(
    plate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mask.png"
    assert invoke(["segment", str(plate), *CLICK, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "frame 1001: 240 of 2304 px, confidence 0.90" in said
    assert "done here, as no segmenter runs (shotmill segment --serve)" in said
    assert (read_image(out).pixels[10:22, 20:40] == 255).all()
    assert int((read_image(out).pixels[..., 0] > 0).sum()) == 240


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param([], "segment needs a plate", id="nothing"),
        pytest.param(["PLATE"], "neither a point inside nor a box", id="no place"),
        pytest.param(["PLATE", "--point", "30"], "'30' is not X,Y", id="half a point"),
        pytest.param(["PLATE", "--box", "9,9,1,1"], "a box needs left < right", id="a box inside out"),
        pytest.param(["PLATE", "--point", "1,1", "--out", "mask.jpg"], "must end in .png", id="a JPEG"),
        pytest.param(["--serve", "--stop"], "cannot both be", id="come and go"),
        pytest.param(["--stop"], "no segmenter of", id="nothing to stop"),
    ],
)
def test_what_cannot_be_done_is_said(
    plate: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["segment", *(str(plate) if word == "PLATE" else word for word in words)]) != 0
    assert said in capsys.readouterr().err


def test_a_segmenter_stays_answers_refuses_a_second_one_and_goes(
    plate: Path, place: Place, wheel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "shotmill", "segment", "--serve", "--backend", NAME]
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert f"{NAME} is loaded" in server.stdout.readline()
            assert str(place.file) in server.stdout.readline()
            assert invoke(["segment", str(plate), *CLICK, "--out", str(tmp_path / "mask.png")]) == 0
            address = living(place)
            assert address is not None
            assert f"the segmenter on port {address.port} answered" in capsys.readouterr().out
            assert np.asarray(read_image(tmp_path / "mask.png").pixels)[15, 30, 0] == 255
            words = ("segment", "--serve", "--backend", NAME)
            second = run_process(*words, home=place.folder.parent, env={"PYTHONPATH": str(wheel)})
            assert (second.returncode, f"runs already on port {address.port}" in second.stderr) == (64, True)
            assert invoke(["segment", "--stop"]) == 0
            assert server.wait(20) == 0
        finally:
            server.send_signal(signal.SIGKILL)
    assert living(place) is None
