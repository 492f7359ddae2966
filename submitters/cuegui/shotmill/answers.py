"""What the menu's entries do: each asks Shotmill, and shows or opens what it answers."""

from __future__ import annotations

from typing import Any

from .config import Config
from .dialog import AnswerDialog
from .qt import QtWidgets
from .words import told

PUBLISH = "publish"  # the step of that name


class Report(AnswerDialog):
    """Shows the newest report of the job's publish step."""

    LABEL = "Open publish report"

    def begin(self, config: Config) -> None:
        """Ask for the report."""
        self.config = config
        self.ask(["report", self.handle], self._show, meanwhile="Reading the report ...")

    def _show(self, found: Any) -> None:
        path = found["page"] or found["path"]
        self.tell(found["summary"], found["text"])
        self.offer("Open the page" if found["page"] else "Open the file", lambda: self.open_path(path))


class Outputs(AnswerDialog):
    """Opens what the job has published."""

    LABEL = "Open outputs"

    def begin(self, config: Config) -> None:
        """Ask what was published."""
        self.config = config
        self._list = QtWidgets.QListWidget(self)
        self._list.setVisible(False)
        self._list.itemDoubleClicked.connect(lambda _item: self._open_chosen())
        self.layout().insertWidget(2, self._list, 1)
        self.ask(["versions", "--job", self.handle], self._choose, meanwhile="Looking for what was published ...")

    def _choose(self, found: Any) -> None:
        versions = found["versions"]
        if not versions:
            self.ask(["status", self.handle], self._unpublished, meanwhile="Nothing is published; asking why ...")
        elif len(versions) == 1:
            self._open(versions[0]["address"])
        else:
            for version in versions:
                lacks = f"  (lacks {version['missing']})" if version["missing"] else ""
                self._list.addItem(version["address"] + lacks)
            self._addresses = [version["address"] for version in versions]
            self._list.setCurrentRow(0)
            self._list.setVisible(True)
            self.tell(f"{self.handle} has published {len(versions)} versions")
            self.offer("Open", self._open_chosen)

    def _open_chosen(self) -> None:
        row = self._list.currentRow()
        self._list.setVisible(False)
        self._open(self._addresses[row])

    def _open(self, address: str) -> None:
        # ``path`` says so when the files are gone, and does it in a process that may hang on a dead disk
        self.ask(["path", address], self._opened, meanwhile=f"Opening {address} ...")

    def _opened(self, found: Any) -> None:
        if self.view(found["folder"]):
            self.accept()

    def _unpublished(self, found: Any) -> None:
        written = found["job"]["folder"] + "/attempts"
        verdict, reason = told(found["verdict"])
        parts = [verdict, reason, f"What the tasks have written lies in\n{written}"]
        self.tell("Nothing is published yet", "\n\n".join(part for part in parts if part))
        self.offer("Open that folder", lambda: self.open_path(written))


class Why(AnswerDialog):
    """Says why the job stands where it stands."""

    LABEL = "Why is it blocked?"

    def begin(self, config: Config) -> None:
        """Ask for an explanation."""
        self.config = config
        self.ask(["explain", self.handle], self._show, meanwhile="Asking Shotmill and the farm ...")

    def _show(self, found: Any) -> None:
        verdict, _, steps = found["text"].partition("\n")
        headline, reason = told(verdict)
        parts = [reason, steps, f"What to do:\n{found['next']}" if found["next"] else ""]
        self.tell(headline, "\n\n".join(part for part in parts if part))


class Again(AnswerDialog):
    """Runs again what keeps the job from being published, after it was told what that is."""

    LABEL = "Publish again..."

    def begin(self, config: Config) -> None:
        """Ask what would be done."""
        self.config = config
        self.ask(["retry", self.handle, "--dry-run"], self._propose, meanwhile="Asking what would be done ...")

    def _propose(self, found: Any) -> None:
        if not found["steps"] and not found["anew"]:
            self.tell("There is nothing to run again", found["text"])
            return
        lines = [found["text"], "", *(f"  {name}: {count}" for name, count in found["steps"].items())]
        if found["steps"] and PUBLISH not in found["steps"]:
            lines += ["", "The publish follows once they are done."]
        self.tell(f"Publish {self.handle} again?", "\n".join(lines))
        self.offer("Publish again", self._do)

    def _do(self) -> None:
        self.ask(["retry", self.handle], self._done, meanwhile="Sending it to the farm ...")

    def _done(self, found: Any) -> None:
        self.tell("It runs again", found["text"])
