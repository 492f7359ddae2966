"""Pictures of versions, read by a thread of their own: a slow share never stops the host."""

from __future__ import annotations

from .qt import QtCore, QtGui, QtWidgets

WIDTH_PX, HEIGHT_PX = 112, 63  # of the screen's own units
MAX_BYTES = 64 * 1024 * 1024  # a picture for people is far smaller
KEPT = 256


class _Signals(QtCore.QObject):
    read = QtCore.Signal(str, object)  # path, QImage


class _Reading(QtCore.QRunnable):
    """Reads one picture, no larger than it is shown."""

    def __init__(self, path: str, size: QtCore.QSize, signals: _Signals) -> None:
        super().__init__()
        self._path = path
        self._size = size
        self._signals = signals

    def run(self) -> None:
        """Read; a file that is no picture gives none."""
        image = QtGui.QImage()
        if QtCore.QFileInfo(self._path).size() <= MAX_BYTES:
            reader = QtGui.QImageReader(self._path)
            reader.setAutoTransform(True)
            whole = reader.size()
            if whole.isValid():
                reader.setScaledSize(whole.scaled(self._size, QtCore.Qt.AspectRatioMode.KeepAspectRatio))
            image = reader.read()
        self._signals.read.emit(self._path, image)


class PictureShelf(QtCore.QObject):
    """Pictures by path, as they arrive.

    Args:
        parent: that outlives it.
    """

    arrived = QtCore.Signal(str)

    def __init__(self, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._pictures: dict[str, QtGui.QPixmap] = {}
        self._asked: set[str] = set()
        self._signals = _Signals(self)
        self._signals.read.connect(self._keep)
        self._pool = QtCore.QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def picture(self, path: str, ratio: float) -> QtGui.QPixmap | None:
        """The picture, or None while it is being read; ``arrived`` is sent then.

        Args:
            path: of a jpg or png.
            ratio: pixels of the screen for one of its units.
        """
        found = self._pictures.get(path)
        if found is None and path and path not in self._asked:
            self._asked.add(path)
            size = QtCore.QSize(round(WIDTH_PX * ratio), round(HEIGHT_PX * ratio))
            self._pool.start(_Reading(path, size, self._signals))
        return found

    def wait(self) -> None:
        """Let the thread end; for a window that closes."""
        self._pool.clear()
        self._pool.waitForDone(WAIT_MS)

    def _keep(self, path: str, image: QtGui.QImage) -> None:
        if image.isNull():
            return
        if len(self._pictures) >= KEPT:
            self._asked.discard(next(iter(self._pictures)))
            del self._pictures[next(iter(self._pictures))]
        self._pictures[path] = QtGui.QPixmap.fromImage(image)
        self.arrived.emit(path)


WAIT_MS = 200


class Picture(QtWidgets.QLabel):
    """One picture of the shelf, in its own place; empty until it is read.

    Args:
        shelf: that it comes from.
    """

    def __init__(self, shelf: PictureShelf) -> None:
        super().__init__()
        self._shelf = shelf
        self._path = ""
        self.setFixedSize(WIDTH_PX, HEIGHT_PX)
        self.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QtGui.QPalette.ColorRole.Base)
        shelf.arrived.connect(self._arrive)

    def show_path(self, path: str) -> None:
        """Show this picture; an empty path shows none."""
        if path != self._path:
            self._path = path
            self.clear()
            self._draw()

    def _arrive(self, path: str) -> None:
        if path == self._path:
            self._draw()

    def _draw(self) -> None:
        ratio = self.devicePixelRatioF()
        found = self._shelf.picture(self._path, ratio) if self._path else None
        if found is not None:
            sharp = QtGui.QPixmap(found)
            sharp.setDevicePixelRatio(ratio)
            self.setPixmap(sharp)
