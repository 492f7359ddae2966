"""The published versions of a shot, with pictures; one is shown in the host, others are a key away."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from .asking import Asking
from .looks import bold, dim
from .neighbour import Client, ClientError
from .notice import Notice
from .pictures import HEIGHT_PX, WIDTH_PX, PictureShelf
from .qt import QtCore, QtGui, QtWidgets, add_shortcut
from .words import counted, told_age

PATH = QtCore.Qt.ItemDataRole.UserRole + 1
VERSION = QtCore.Qt.ItemDataRole.UserRole


class VersionsBrowser(QtWidgets.QWidget):
    """Versions of one shot, newest first.

    Args:
        client: of the host.
        parent: the host's window.
    """

    open_requested = QtCore.Signal(object)  # a version, as ``versions`` tells it
    stack_requested = QtCore.Signal(object)  # same
    swap_requested = QtCore.Signal(object)  # same: it takes the place of the one that is shown
    listed = QtCore.Signal()  # an answer is there

    def __init__(self, client: Client, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.client = client
        self.versions: list[dict[str, Any]] = []
        self.current: dict[str, Any] | None = None
        self.shelf = PictureShelf(self)
        self.shelf.arrived.connect(self._draw_picture)
        self._asking: Asking | None = None
        self._build()

    def _build(self) -> None:
        pile = QtWidgets.QVBoxLayout(self)
        self.title = bold(QtWidgets.QLabel("Versions"))
        self.shown = dim(QtWidgets.QLabel())
        head = QtWidgets.QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.shown, 1)
        pile.addLayout(head)
        self.list = QtWidgets.QListWidget()
        self.list.setIconSize(QtCore.QSize(WIDTH_PX, HEIGHT_PX))
        self.list.setUniformItemSizes(True)
        self.list.setAlternatingRowColors(True)
        self.list.itemActivated.connect(lambda _item: self._send(self.open_requested))
        self.list.currentItemChanged.connect(lambda _new, _old: self._enable())
        pile.addWidget(self.list, 1)
        self.notice = Notice()
        pile.addWidget(self.notice)
        row = QtWidgets.QHBoxLayout()
        self.buttons: dict[str, QtWidgets.QPushButton] = {}
        for name, text, keys, do in (
            ("open", "&Open", "", lambda: self._send(self.open_requested)),
            ("stack", "&Stack", "", lambda: self._send(self.stack_requested)),
            ("up", "&Up", "Alt+Up", lambda: self.step(1)),
            ("down", "&Down", "Alt+Down", lambda: self.step(-1)),
            ("latest", "&Latest", "Alt+Home", self.latest),
        ):
            button = QtWidgets.QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _on=False, do=do: do())
            if keys:
                button.setToolTip(f"Show the version above, below or newest of what is shown ({keys})")
                add_shortcut(keys, self, do)
            row.addWidget(button)
            self.buttons[name] = button
        row.addStretch(1)
        pile.addLayout(row)
        self._enable()

    def show_shot(self, project: str, shot: str, source: str = "") -> None:
        """List what was published for a shot or an asset, or made from a plate.

        Args:
            project: its code; empty: the studio's own.
            shot: path of the shot or asset, such as ``sq010/sh010``; empty: any.
            source: path of a plate, as the host has it; empty: any.
        """
        if self._asking is not None:
            self._asking.cancel()
        self.title.setText(shot or "Versions")
        self.notice.say("Looking \u2026")
        args = {"project": project, "shot": shot, "source": source}
        self._asking = Asking(self.client, "versions", {name: text for name, text in args.items() if text}, self)
        self._asking.answered.connect(self._list)
        self._asking.failed.connect(self._blame)
        self._asking.start()

    def set_current(self, path_or_id: str) -> None:
        """Say which version the host shows, by its id or by the path of one of its files; none is fine."""
        self.current = next((one for one in self.versions if path_or_id and _is_named(one, path_or_id)), None)
        self.shown.setText(f"shown: {_name(self.current)}" if self.current else "")
        self._enable()

    def siblings(self) -> list[dict[str, Any]]:
        """All versions of the product that is shown, oldest first."""
        if self.current is None:
            return []
        same = [one for one in self.versions if _family(one) == _family(self.current) and not one.get("gone")]
        return sorted(same, key=lambda one: int(one["version"]))

    def step(self, by: int) -> None:
        """Ask for the version that many above the one that is shown; at an end, for none."""
        found = self.siblings()
        numbers = [one["id"] for one in found]
        if self.current is not None and self.current["id"] in numbers:
            index = numbers.index(self.current["id"]) + by
            if 0 <= index < len(found):
                self._swap(found[index])

    def latest(self) -> None:
        """Ask for the newest version of what is shown, if it is not that."""
        found = self.siblings()
        if found and self.current is not None and found[-1]["id"] != self.current["id"]:
            self._swap(found[-1])

    def _swap(self, version: dict[str, Any]) -> None:
        self.set_current(str(version["id"]))
        self.swap_requested.emit(version)

    def _send(self, signal: Any) -> None:
        item = self.list.currentItem()
        if self.list.currentRow() >= 0 and not item.data(VERSION).get("gone"):
            signal.emit(item.data(VERSION))

    def _list(self, value: dict[str, Any]) -> None:
        before = str(self.current["id"]) if self.current else ""
        self.versions = list(value["versions"])
        self.list.clear()
        blank = QtGui.QPixmap(self.list.iconSize())
        blank.fill(self.palette().color(QtGui.QPalette.ColorRole.Window))
        for version in self.versions:
            item = QtWidgets.QListWidgetItem(QtGui.QIcon(blank), _told(version), self.list)
            item.setData(VERSION, version)
            item.setData(PATH, str(version.get("picture") or ""))
            if version.get("gone"):
                item.setFlags(item.flags() & ~QtCore.Qt.ItemFlag.ItemIsEnabled)
            self._draw_picture(item.data(PATH))
        self.notice.say("" if self.versions else "Nothing is published here yet.")
        self.list.setCurrentRow(0 if self.versions else -1)
        self.set_current(before)
        self.listed.emit()

    def _draw_picture(self, path: str) -> None:
        picture = self.shelf.picture(path, self.devicePixelRatioF()) if path else None
        if picture is None:
            return
        for row in range(self.list.count()):
            if self.list.item(row).data(PATH) == path:
                icon = QtGui.QIcon(picture)
                icon.addPixmap(picture, QtGui.QIcon.Mode.Selected)  # a chosen picture keeps its colours
                self.list.item(row).setIcon(icon)

    def _blame(self, fault: ClientError) -> None:
        self.notice.blame(fault)
        self.listed.emit()

    def _enable(self) -> None:
        chosen = self.list.currentRow() >= 0
        for name in ("open", "stack"):
            self.buttons[name].setEnabled(chosen)
        found = [one["id"] for one in self.siblings()]
        shown = self.current["id"] if self.current else None
        index = found.index(shown) if shown in found else -1
        above = 0 <= index < len(found) - 1
        self.buttons["up"].setEnabled(above)
        self.buttons["latest"].setEnabled(above)
        self.buttons["down"].setEnabled(index > 0)

    def close_down(self) -> None:
        """Ask nothing any more: the host closes."""
        if self._asking is not None:
            self._asking.cancel()
        self.shelf.wait()


def _family(version: dict[str, Any]) -> tuple[Any, ...]:
    return (version["project"], version["owner"], version["product"])


def _name(version: dict[str, Any]) -> str:
    return f"{version['product']} v{int(version['version']):03d}"


def _is_named(version: dict[str, Any], path_or_id: str) -> bool:
    paths = [str(form["path"]) for form in version.get("representations") or []]
    return path_or_id in (version["id"], version.get("address"), *paths)


def _told(version: dict[str, Any]) -> str:
    now = datetime.now(timezone.utc)
    forms = version.get("representations") or []
    frames = next((str(form["frames"]) for form in forms if form.get("frames")), "")
    size = frames or counted(sum(int(form.get("files") or 0) for form in forms), "file")
    age = told_age(str(version.get("created") or ""), now)
    second = ", ".join(text for text in (version["owner"], size, age, version.get("author") or "") if text)
    lacks = f"lacks {version['missing']}" if version.get("missing") else ""
    gone = "its files are gone" if version.get("gone") else ""
    third = ", ".join(text for text in (version.get("state") or "", lacks, gone, version.get("comment") or "") if text)
    return f"{_name(version)}\n{second}\n{third}"
