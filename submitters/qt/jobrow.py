"""One job in the panel: how far it is, what it made, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .looks import BAD, BUSY, GOOD, bold, dim, tint
from .pictures import Picture, PictureShelf
from .qt import QtCore, QtWidgets
from .words import ENDED, label_of, share_done, told_age, told_steps, told_versions

LOOKS = {"succeeded": GOOD, "failed": BAD, "blocked": BAD, "running": BUSY}
WHOLE = 1000  # steps of the progress bar
BAR_PX = 4


class JobRow(QtWidgets.QFrame):
    """A job's row.

    Args:
        job: as it is kept: ``handle``, ``name``, ``type``, ``created``, ``state``.
        shelf: that pictures come from.
    """

    wanted = QtCore.Signal(str, object)  # what to do, and this row
    asked_for = QtCore.Signal(str, object)  # the same of one of several versions: what to do, and the version

    def __init__(self, job: Mapping[str, Any], shelf: PictureShelf) -> None:
        super().__init__()
        self.job = dict(job)
        self.versions: list[dict[str, Any]] = []
        self._choices: dict[str, QtWidgets.QMenu] = {}
        self.lost = False
        self.setFrameShape(QtWidgets.QFrame.Shape.StyledPanel)
        across = QtWidgets.QHBoxLayout(self)
        self.picture = Picture(shelf)
        across.addWidget(self.picture, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        pile = QtWidgets.QVBoxLayout()
        pile.setSpacing(3)
        across.addLayout(pile, 1)
        head = QtWidgets.QHBoxLayout()
        self.title = bold(QtWidgets.QLabel(str(job.get("name") or job["handle"])))
        self.title.setToolTip(str(job["handle"]))
        self.state = QtWidgets.QLabel()
        self.age = dim(QtWidgets.QLabel())
        head.addWidget(self.title, 1)
        head.addWidget(self.state)
        head.addWidget(self.age)
        pile.addLayout(head)
        self.steps = dim(QtWidgets.QLabel())
        self.steps.setWordWrap(True)
        pile.addWidget(self.steps)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setRange(0, WHOLE)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(BAR_PX)
        pile.addWidget(self.bar)
        self.made = dim(QtWidgets.QLabel())
        self.made.setWordWrap(True)
        self.made.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        pile.addWidget(self.made)
        self.failure = QtWidgets.QLabel()
        self.failure.setWordWrap(True)
        self.failure.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.failure.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        pile.addWidget(self.failure)
        pile.addLayout(self._buttons())
        self._show()

    @property
    def handle(self) -> str:
        """Of the job, such as ``J-37JD59TA``."""
        return str(self.job["handle"])

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.job.get("state") in ENDED

    @property
    def unsettled(self) -> bool:
        """Whether there is something to ask: it goes on, or ended before the host was started."""
        return not self.lost and (not self.ended or self.job.get("steps") is None)

    def lose(self, why: str) -> None:
        """Show that Shotmill does not know the job as it is set up now."""
        self.lost = True
        self.job["failure"] = why
        self._show()

    def _buttons(self) -> QtWidgets.QHBoxLayout:
        row = QtWidgets.QHBoxLayout()
        self.buttons: dict[str, QtWidgets.QPushButton] = {}
        for name, text, tip in (
            ("open", "Open", "Open the result here"),
            ("stack", "Stack", "Lay the result over the plate"),
            ("retry", "Retry", "Run again what failed"),
            ("cancel", "Cancel", "End this job"),
            ("copy", "Copy", "Copy what went wrong, to ask somebody"),
            ("forget", "Remove", "Take this job off the list; it stays in the database"),
        ):
            button = QtWidgets.QPushButton(text)
            button.setAutoDefault(False)
            button.setToolTip(tip)
            button.setAccessibleName(f"{text} {self.job.get('name') or self.handle}")
            button.clicked.connect(lambda _on=False, name=name: self._press(name))
            row.addWidget(button)
            self.buttons[name] = button
        row.addStretch(1)
        return row

    def _press(self, name: str) -> None:
        if name not in self._choices:  # else that asks which version is meant
            self.wanted.emit(name, self)

    def take_status(self, status: Mapping[str, Any]) -> None:
        """Show what ``status`` tells: ``job``, ``steps``, ``verdict``."""
        self.job.update({name: value for name, value in status["job"].items() if value is not None})
        self.job["failure"] = status["job"].get("failure")
        self.job["steps"] = list(status.get("steps") or [])
        self._show()

    def take_event(self, event: Mapping[str, Any]) -> None:
        """Show what ``watch`` tells; once the job has ended well, with what it published."""
        self.job["state"] = event["state"]
        self.job["steps"] = list(event.get("steps") or [])
        self.job["failure"] = event.get("failure")
        self.take_versions(event.get("versions") or ())
        self._show()

    def take_versions(self, versions: Sequence[Mapping[str, Any]]) -> None:
        """Show what the job has published: one version of each of its shots and products."""
        if not versions:
            return
        self.versions = [dict(one) for one in versions]
        self.picture.show_path(next((str(one["picture"]) for one in versions if one.get("picture")), ""))
        self.made.setText(told_versions(versions))
        self.made.setToolTip("\n".join(map(label_of, versions)))
        if len(versions) > 1:
            for name in ("open", "stack"):
                self._offer(name)

    def _offer(self, name: str) -> None:
        """Let a button ask which of several versions is meant."""
        menu = self._choices.setdefault(name, QtWidgets.QMenu(self))
        menu.clear()
        for version in self.versions:
            action = menu.addAction(label_of(version).replace("&", "&&"))
            action.triggered.connect(lambda _on=False, version=version: self.asked_for.emit(name, version))
        self.buttons[name].setMenu(menu)

    def say(self, text: str) -> None:
        """Show why something that was asked for did not happen."""
        self.failure.setText(text)
        self.failure.setVisible(bool(text))
        tint(self.failure, BAD)
        self.buttons["copy"].setVisible(bool(text))

    def show_age(self) -> None:
        """Say how old the job is by now."""
        now = datetime.now(timezone.utc)
        self.age.setText(told_age(str(self.job.get("created") or ""), now))

    def _show(self) -> None:
        state = "unknown" if self.lost else str(self.job.get("state") or "unknown")
        self.state.setText(state)
        tint(self.state, LOOKS.get(state, ""))
        steps = self.job.get("steps") or []
        self.steps.setText(told_steps(steps))
        self.bar.setValue(WHOLE if state == "succeeded" else round(WHOLE * share_done(steps)))
        self.bar.setVisible(not self.ended and not self.lost)
        self.say(str(self.job.get("failure") or ""))
        self.made.setVisible(bool(self.versions))
        self.show_age()
        shown = {
            "open": bool(self.versions),
            "stack": bool(self.versions),
            "retry": state in ("failed", "blocked", "cancelled"),
            "cancel": not self.ended and not self.lost,
            "forget": self.ended or self.lost,
        }
        for name, on in shown.items():
            self.buttons[name].setVisible(on)
