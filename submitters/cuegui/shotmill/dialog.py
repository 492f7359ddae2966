"""The window that shows what Shotmill answers: a headline, a text, and what can be done next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .config import Config
from .qt import QtCore, QtGui, QtWidgets
from .question import Answer, Question

WIDTH_PX, HEIGHT_PX = 680, 360


class AnswerDialog(QtWidgets.QDialog):
    """A window about one job. Nothing in it blocks CueGUI.

    Attributes:
        LABEL: of the menu's entry.
    """

    LABEL = ""

    def __init__(self, handle: str, tree: Any) -> None:
        super().__init__(tree)
        self.handle = handle
        self.config = Config()
        self._tree = tree
        self._then: Callable[[Any], None] | None = None
        self.setAttribute(QtCore.Qt.WA_DeleteOnClose)
        self.setWindowTitle(f"Shotmill {handle}: {self.LABEL.rstrip('.')}")
        self.resize(WIDTH_PX, HEIGHT_PX)
        self.headline = QtWidgets.QLabel(self)
        self.headline.setTextFormat(QtCore.Qt.PlainText)  # what jobs say is text, never markup
        self.headline.setWordWrap(True)
        self.headline.setTextInteractionFlags(QtCore.Qt.TextSelectableByMouse)
        font = self.headline.font()
        font.setBold(True)
        self.headline.setFont(font)
        self.body = QtWidgets.QPlainTextEdit(self)
        self.body.setReadOnly(True)
        self.body.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.FixedFont))
        self.waiting = QtWidgets.QProgressBar(self)
        self.waiting.setRange(0, 0)
        self.waiting.setTextVisible(False)
        self.buttons = QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.Close, self)
        self.buttons.rejected.connect(self.reject)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addWidget(self.headline)
        layout.addWidget(self.waiting)
        layout.addWidget(self.body, 1)
        layout.addWidget(self.buttons)

    def begin(self, config: Config) -> None:
        """Ask what the entry is about."""
        raise NotImplementedError

    def ask(self, arguments: Sequence[str], then: Callable[[Any], None], *, meanwhile: str) -> None:
        """Run a command of Shotmill's; its document goes to ``then``, its fault into the window.

        What was asked is asked to its end although the window is closed.
        """
        self._then = then
        self.headline.setText(meanwhile)
        self.body.setVisible(False)
        self.waiting.setVisible(True)
        self._drop_buttons()
        question = Question(self.config, arguments, self._tree)
        question.answered.connect(self._answered)
        question.ask()

    def tell(self, headline: str, text: str = "") -> None:
        """Show an answer."""
        self.waiting.setVisible(False)
        self.headline.setText(headline)
        self.body.setPlainText(text)
        self.body.setVisible(bool(text))
        if text:
            self.offer("Copy", self._copy)

    def fail(self, sentence: str) -> None:
        """Show what went wrong, and the mend."""
        self.tell("Shotmill cannot say", sentence)

    def offer(self, label: str, do: Callable[[], object]) -> None:
        """Add a button."""
        button = self.buttons.addButton(label, QtWidgets.QDialogButtonBox.ActionRole)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: do())

    def open_path(self, path: str) -> bool:
        """Open a file or folder as the desktop does it; where it cannot, show its path."""
        if QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(path)):
            return True
        self.tell("This desktop cannot open it; copy its path", path)
        return False

    def view(self, folder: str) -> bool:
        """Open a published folder with the viewer of the settings, else as the desktop does it."""
        command = self.config.view_command(folder)
        if not command:
            return self.open_path(folder)
        started = QtCore.QProcess.startDetached(command[0], list(command[1:]))
        if started[0] if isinstance(started, tuple) else started:  # bindings differ
            return True
        self.tell(f"{command[0]} cannot be started; name another viewer in config.yaml", folder)
        return False

    def _answered(self, answer: Answer) -> None:
        if answer.fault or self._then is None:
            self.fail(answer.fault)
            return
        try:
            self._then(answer.document)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            self.fail(
                f"its answer lacks {error}: it is not of the version that put this menu here; "
                "run shotmill install cuegui again"
            )

    def _copy(self) -> None:
        QtWidgets.QApplication.clipboard().setText(f"{self.headline.text()}\n{self.body.toPlainText()}")

    def _drop_buttons(self) -> None:
        for button in self.buttons.buttons():
            if self.buttons.buttonRole(button) == QtWidgets.QDialogButtonBox.ActionRole:
                self.buttons.removeButton(button)
                button.deleteLater()
