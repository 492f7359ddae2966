"""``rv-session`` and ``submit roto --from-session``: from what was painted in RV to mattes, without RV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import Shotmill, run_process
from roto_plates import HEIGHT, WIDTH, Plate, common, make_plate
from rv_sessions import node, session_text, source

from shotmill.pipeline.images import read_matte
from shotmill.schema.rv import RvSession

ASPECT = WIDTH / HEIGHT


def session_of(plate: Plate, path: Path, *, margin: int = 3, frame: int = 1001) -> Path:
    """A session with a green box around the square on one frame, as an artist would draw it."""
    left, top, right, bottom = plate.square(frame)
    low = [((left - margin) / WIDTH - 0.5) * ASPECT, 0.5 - (bottom + margin) / HEIGHT]
    high = [((right + margin) / WIDTH - 0.5) * ASPECT, 0.5 - (top - margin) / HEIGHT]
    name = f"rect:1:{frame}:ada.lovelace"
    paint: dict[str, list[float] | list[str]] = {
        f"{name}.min": low,
        f"{name}.max": high,
        f"{name}.borderColor": [0.0, 1.0, 0.0, 1.0],
    }
    paint |= {f"text:2:{frame}:ada.position": [low[0] + 0.01, low[1] + 0.01], f"text:2:{frame}:ada.text": ["hero"]}
    media = plate.pattern.replace("####", f"{plate.first}-{plate.last}#")
    nodes = [
        source(0, media),
        node("sourceGroup000000_paint", "RVPaint", {**paint, f"frame:{frame}.order": [name, f"text:2:{frame}:ada"]}),
    ]
    path.write_text(session_text(*nodes), encoding="utf-8")
    return path


def test_a_session_is_shown_with_its_prompts(shotmill: Shotmill, tmp_path: Path) -> None:
    plate = make_plate(tmp_path / "a b'ü", last=1002)
    session = session_of(plate, tmp_path / "shot.rv")
    ran = shotmill("rv-session", session)
    assert ran.exit_code == 0
    left, top, right, bottom = plate.square(1001)
    assert f"object hero: @1001 box {left - 3},{top - 3},{right + 3},{bottom + 3}" in ran.out
    assert f"next: shotmill submit roto --from-session {session}" in ran.out
    found = RvSession.model_validate(shotmill("rv-session", session, "--json").json)
    assert found.plates[0].path == plate.pattern
    planned = shotmill("plan", "roto", "--from-session", session, "--shot", "sq010/sh010")
    assert "publishes local/sq010/sh010/roto" in planned.out, planned.err


def test_what_is_wrong_with_a_session_is_one_line(shotmill: Shotmill, tmp_path: Path) -> None:
    (tmp_path / "shot.rv").write_text("GTOa (4)\nbroken")
    ran = shotmill("submit", "roto", "--from-session", tmp_path / "shot.rv")
    assert (ran.exit_code, ran.out) == (64, "")
    assert "is broken: line 2" in ran.err


@pytest.mark.slow
def test_rv_facts_11_a_session_becomes_a_published_roto(home: Path, tmp_path: Path) -> None:
    plate = make_plate(tmp_path / "plates", last=1003)
    session = session_of(plate, tmp_path / "shot.rv")
    done = run_process("submit", "roto", "--from-session", session, "--shot", "sq010/sh010", "--wait", home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = home / "projects/local/shots/sq010/sh010/publish/roto/v001"
    for frame in range(plate.first, plate.last + 1):
        [path] = folder.glob(f"*.{frame}.exr")
        matte = np.asarray(read_matte(path, "A"))
        assert common(matte > 0.5, plate.truth(frame)) > 0.8, frame


def test_where_hosts_find_shotmill_is_no_wrong_setting(shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOTMILL_PYTHON", "/studio/shotmill/bin/python")
    assert shotmill("jobs").exit_code == 0
