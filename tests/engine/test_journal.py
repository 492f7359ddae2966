"""The engines' log stays small, and whoever writes to it meanwhile loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shotmill.farm_plugins.local.journal import KEPT_BYTES, MAX_BYTES, keep_small
from shotmill.schema.states import State

if TYPE_CHECKING:
    from engine_studio import Studio


def grown(log: Path) -> list[str]:
    """The lines of a log that is too large."""
    lines = [f"line {number:07d}" for number in range(MAX_BYTES // 13 + 1)]
    log.write_text("\n".join(lines) + "\n")
    return lines


def test_the_newest_whole_lines_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    lines = grown(log)
    keep_small(log)
    kept = log.read_text().splitlines()
    assert KEPT_BYTES - 13 <= log.stat().st_size <= KEPT_BYTES
    assert kept == lines[-len(kept) :]


def test_who_has_the_log_open_goes_on_at_its_end(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    grown(log)
    with log.open("a") as writer:
        keep_small(log)
        writer.write("afterwards\n")
    assert log.read_text().endswith("\nafterwards\n")
    assert b"\0" not in log.read_bytes()


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_text("a line\n" * 1000)
    keep_small(log)
    assert log.read_text() == "a line\n" * 1000


@pytest.mark.slow
def test_an_engine_takes_old_lines_out_of_its_log(embedded: Studio) -> None:
    log = embedded.settings.home / "engine.log"
    log.parent.mkdir(exist_ok=True)
    grown(log)
    assert embedded.wait(embedded.submit()).state is State.SUCCEEDED
    assert log.stat().st_size < 2 * KEPT_BYTES
    assert "engine " in embedded.log()
