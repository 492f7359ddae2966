"""RV never waits: the mode with Shotmill's real child process, while a plate of 10,000 frames is submitted.

What is measured is what our code does in RV's thread: its processor time, and whether it touches files, processes,
sockets or databases there. A clock on the wall would tell how busy the machine of the tests is.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from command_line import Shotmill, write_frames
from rv_host import Event, Rv

COUNT = 10_000
LONGEST_S = 0.1
TICKS_APART_S = (
    0.25  # of processor time: a form is built there, too, in about 0.05 s on the machine this was measured on
)


@pytest.fixture(autouse=True)
def no_segmenter_left() -> Iterator[None]:
    """The menu starts a segmenter, which goes on as long as the host does: these tests' own process."""
    yield
    mine = ["segment", "--serve", "--host-pid", str(os.getpid())]
    for process in psutil.process_iter(["cmdline"]):
        if set(mine) <= set(process.info["cmdline"] or ()):
            process.terminate()
            process.wait(30)


@pytest.fixture
def plate(tmp_path: Path) -> str:
    """10,000 frames, all one file; as RV writes its path."""
    pattern = write_frames(tmp_path / "pläte 1", 1)
    folder = pattern.parent
    [first] = folder.glob("*.png")
    for frame in range(2, COUNT + 1):
        os.link(first, folder / f"plate.{frame:04d}.png")
    return str(folder / f"plate.1-{COUNT}#.png")


def form(rv: Rv) -> Any:
    from shotmill_qt import FormDialog  # type: ignore[import-not-found] # noqa: PLC0415 - lies in RV

    return next(one for one in rv.application.topLevelWidgets() if isinstance(one, FormDialog) and one.isVisible())


def tried(rv: Rv) -> list[Any]:
    """All items of the menu, but one only of the many that open a form: nobody opens twenty at once."""
    forms = {"Current Source", "Marked Range", "Whole Sequence", "Other..."}
    items = list(rv.items())
    return [next(one for one in items if one[0] in forms), *(one for one in items if one[0] not in forms)]


@pytest.mark.alone
@pytest.mark.slow
def test_rv_facts_7_rv_goes_on_while_10000_frames_are_submitted(rv: Rv, plate: str, shotmill: Shotmill) -> None:
    """Each handler of the menu takes less than 100 ms, and a timer of 10 ms goes on; two clicks are one job."""
    from own_thread import Clock, listened  # noqa: PLC0415 - after Qt was told to need no screen

    rv.open(plate)
    rv.press("Shotmill", "Submit", "Thumbnail", "Current Source")
    dialog = form(rv)
    rv.wait(dialog.submit_button.isEnabled)
    answers: list[Any] = []
    dialog.submitted.connect(answers.append)
    clock = Clock()
    used: dict[str, float] = {}
    meanwhile: list[str] = []
    with listened() as touched:
        dialog.submit()
        dialog.submit()
        for label, action, _key, _state in tried(rv):
            meanwhile += [] if answers else [label]
            before, ticked = time.thread_time(), clock.ticks
            action(Event())
            used[label] = max(used.get(label, 0.0), time.thread_time() - before)
            rv.wait_quietly(lambda ticked=ticked: clock.ticks > ticked)  # type: ignore[misc]
        rv.wait_quietly(lambda: answers)
    clock.stop()
    assert meanwhile, "the submit was over before anything was tried"
    assert touched == []
    assert {label: seconds for label, seconds in used.items() if seconds >= LONGEST_S} == {}
    assert clock.busiest_s < TICKS_APART_S
    assert [job["type"] for job in shotmill("jobs", "--json").json["jobs"]] == ["thumbnail"]
    assert answers[0]["job"]["handle"] in rv.mode._panel.rows


@pytest.mark.alone
def test_listening_hears_files_and_processes_but_no_modules(tmp_path: Path) -> None:
    from own_thread import listened  # noqa: PLC0415 - after Qt was told to need no screen

    (tmp_path / "a.py").touch()
    with listened() as heard:
        (tmp_path / "a.py").read_text()
        (tmp_path / "b.txt").touch()
        (tmp_path / "b.txt").read_text()
        subprocess.run(["true"], check=True)
    (tmp_path / "b.txt").read_text()
    assert [one.split()[0] for one in heard][:3] == ["open", "open", "subprocess.Popen"]
