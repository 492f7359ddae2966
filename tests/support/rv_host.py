"""RV for tests: the package installed as RV does it, its mode started in the tests' RV, in Qt without a screen."""

from __future__ import annotations

import importlib
import json
import os
import shlex
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from fake_children import stand_in

FAKE = Path(__file__).resolve().parent / "fake_rv"
PARROT = """
import json, pathlib, sys
asked = json.loads(sys.stdin.readline())
here = pathlib.Path({folder!r})
with (here / "asked.jsonl").open("a") as log:
    log.write(json.dumps(asked) + "\\n")
answers = json.loads((here / "answers.json").read_text())
answer = answers.get(asked["op"])
for line in answers.get("before " + asked["op"], []):
    print(json.dumps(line))
if answer is None:
    said = {{"code": "E200", "slug": "x", "message": "no " + asked["op"], "hint": "mend it"}}
    print(json.dumps({{"type": "error", **said}}))
    sys.exit(1)
print(json.dumps({{"type": "result", "ok": True, "value": answer}}))
"""


def install(package: Path, folder: Path) -> Path:
    """Unpack a package as RV does: modes into ``Python``, others where ``PACKAGE`` says; the Python folder."""
    with zipfile.ZipFile(package) as archive:
        said = yaml.safe_load(archive.read("PACKAGE"))
        places = {one["file"]: "Python" for one in said["modes"]} | {
            one["file"]: one["location"] for one in said["files"]
        }
        for name, place in places.items():
            target = folder / place.replace("$PACKAGE", "shotmill") / Path(name).name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
    return folder / "Python"


@contextmanager
def on_path(*folders: Path) -> Iterator[None]:
    """Modules of these folders can be imported."""
    sys.path[:0] = [str(folder) for folder in folders]
    try:
        yield
    finally:
        for folder in folders:
            sys.path.remove(str(folder))


def qt() -> Any:
    """The one Qt application of this process."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    widgets = importlib.import_module("PySide6.QtWidgets")
    return widgets.QApplication.instance() or widgets.QApplication(["rv"])


class Event:
    """What RV hands to handlers."""

    def __init__(self, pointer: tuple[float, float] = (0.0, 0.0)) -> None:
        self._pointer = pointer
        self.rejected = False

    def pointer(self) -> tuple[float, float]:
        return self._pointer

    def reject(self) -> None:
        self.rejected = True


class Rv:
    """One run of RV with the mode in it."""

    def __init__(self) -> None:
        self.application = qt()
        self.session: Any = importlib.import_module("rv.state").new_session()
        self.commands: Any = importlib.import_module("rv.commands")
        self.mode: Any = importlib.import_module("shotmill_rv_mode").createMode()

    def open(self, path: str, **info: Any) -> str:
        """Open a source and look at it; its file is as told."""
        self.session.media[path] = info
        [node] = self.commands.addSourcesVerbose([[path]])
        self.session.view = self.session.nodes[node].group
        self.session.frame = self.session.first_frame(self.session.view)
        return str(node)

    def sequence(self, *cuts: tuple[str, int, int]) -> str:
        """A sequence of cuts: a source, its first and its last frame."""
        name = self.commands.newNode("RVSequenceGroup", "defaultSequence")
        self.commands.setNodeInputs(name, [self.session.nodes[node].group for node, _first, _last in cuts])
        rows, at = [], 1
        for index, (_node, first, last) in enumerate(cuts):
            rows.append((at, index, first, last))
            at += last - first + 1
        rows.append((at, 0, 0, 0))
        for own, values in zip(("frame", "source", "in", "out"), zip(*rows, strict=True), strict=True):
            self.commands.setIntProperty(f"{name}_sequence.edl.{own}", list(values), True)
        self.session.view, self.session.frame = name, 1
        return str(name)

    def paint(self, node: str, component: str, **values: list[Any]) -> None:
        """Draw: properties of a mark, and its place in the order of its frame."""
        kinds = {str: 8, float: 2, int: 1}
        for name, given in values.items():
            self.session.make(f"{node}.{component}.{name}", kinds[type(given[0])], 1, given)
        order = f"{node}.frame:{component.split(':')[2]}.order"
        if order not in self.session.properties:
            self.session.make(order, 8, 1)
        self.session.properties[order].values.append(component)

    def press(self, *path: str, event: Event | None = None) -> None:
        """Choose an item of the menu."""
        self.item(*path)[1](event or Event())

    def item(self, *path: str) -> Any:
        """An item of the menu by its labels."""
        items = self.session.menus["shotmill"]
        for label in path[:-1]:
            items = dict(one[:2] for one in items)[label]
        [found] = [one for one in items if one[0] == path[-1]]
        return found

    def items(self) -> Iterator[Any]:
        """All items that do something."""
        piles = [self.session.menus["shotmill"]]
        while piles:
            for one in piles.pop():
                if isinstance(one[1], list):
                    piles.append(one[1])
                elif one[1] is not None:
                    yield one

    def wait(self, holds: Callable[[], object], *, patience_s: float = 120.0) -> None:
        """Let Qt's loop run until something holds."""
        until = time.monotonic() + patience_s
        while not holds():
            assert time.monotonic() < until, f"waited in vain; RV says {self.session.said}"
            self.application.processEvents()
            time.sleep(0.002)

    def wait_quietly(self, holds: Callable[[], object], *, patience_s: float = 120.0) -> None:
        """The same, where this thread is listened to: it sleeps in Qt's loop, as RV's does."""
        loop = importlib.import_module("PySide6.QtCore").QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        until = time.monotonic() + patience_s
        while not holds():
            assert time.monotonic() < until, f"waited in vain; RV says {self.session.said}"
            self.application.processEvents(loop)

    def close(self) -> None:
        """End what is under way."""
        self.mode.desk.close()
        self.mode._timer.stop()
        for window in (self.mode._panel, self.mode._browser):
            if window is not None:
                window.close_down()
        for window in self.application.topLevelWidgets():
            window.close()
        self.application.processEvents()


class Parrot:
    """A Shotmill that answers what it was told to: a real child process, and the protocol as it is."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._before: dict[str, Any] = {}
        (folder / "parrot.py").write_text(PARROT.format(folder=str(folder)))
        told = " ".join(map(shlex.quote, [sys.executable, "-I", str(folder / "parrot.py")]))
        self.python = stand_in(folder / "python", f"exec {told}")
        self.answer()

    def say(self, op: str, *lines: dict[str, Any]) -> None:
        """Lines that come before the answers to an operation, from the next ``answer`` on."""
        self._before[f"before {op}"] = lines

    def answer(self, **answers: Any) -> None:
        fresh = self._folder / "answers.fresh"  # a child may be reading the last ones
        fresh.write_text(json.dumps({**answers, **self._before}))
        fresh.replace(self._folder / "answers.json")

    @property
    def asked(self) -> list[dict[str, Any]]:
        log = self._folder / "asked.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
