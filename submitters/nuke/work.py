"""Work beside Nuke's main thread: it asks Shotmill and reads files, and hands results back to be shown.

Nothing here touches a node: what does is called through ``nuke.executeInMainThread``. Nuke replaces ``sys.stdout``, so
what goes wrong is written to a file.
"""

from __future__ import annotations

import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any, Callable, Mapping

import nuke

from ..client import Client, ClientError
from .problems import NukeProblem

LOOK_S = 0.1
LOG = "shotmill-nuke.log"
Tell = Callable[[Mapping[str, Any]], None]


class Progress:
    """A bar in Nuke, whose Cancel stops the watching; jobs go on."""

    def __init__(self, title: str) -> None:
        self._task = nuke.ProgressTask(title)

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody pressed Cancel."""
        return bool(self._task.isCancelled())

    def tell(self, line: Mapping[str, Any]) -> None:
        """Show a line that Shotmill said."""
        kind = line.get("type")
        if kind == "progress":
            self.show(str(line.get("stage") or ""), line.get("done"), line.get("total"))
        elif kind == "event":
            steps = line.get("steps") or []
            done, total = (sum(int(step.get(name) or 0) for step in steps) for name in ("done", "total"))
            self.show(f"{line.get('job')}: {line.get('state')}", done, total)
        elif kind == "warning":
            self.show(str(line.get("message") or ""))

    def show(self, message: str, done: Any = None, total: Any = None) -> None:
        """Show a message, and how much is done where that is known."""
        self._task.setMessage(message)
        if isinstance(done, (int, float)) and isinstance(total, (int, float)) and total > 0:
            self._task.setProgress(max(0, min(100, int(100 * done / total))))


def ask(
    client: Client,
    op: str,
    args: Mapping[str, Any],
    *,
    request_id: str | None = None,
    progress: Progress | None = None,
    hear: Tell | None = None,
) -> Any:
    """Ask Shotmill and wait for the answer; never in the main thread.

    Args:
        client: who asks.
        op: such as ``submit``.
        args: of the operation.
        request_id: of an earlier question, to ask the very same again.
        progress: shows the lines that come before the answer; its Cancel stops the asking.
        hear: gets these lines, too.

    Raises:
        ClientError: Shotmill could not do it, could not be asked, or Cancel was pressed.
    """
    call = client.start(client.request(op, args, request_id))
    is_over = False
    while not is_over:
        is_over = call.wait(LOOK_S)
        for line in call.poll():
            if progress is not None:
                progress.tell(line)
            if hear is not None:
                hear(line)
        if progress is not None and progress.is_cancelled:
            call.cancel()
    return call.value


def in_background(work: Callable[[], Any], done: Callable[[Any], None]) -> threading.Thread:
    """Do work in a thread, then call ``done`` with what it gave in the main thread; a failure is told in a sentence."""
    thread = threading.Thread(target=_run, args=(work, done), name="shotmill-nuke")
    thread.daemon = True  # Nuke closes without waiting; a job that was submitted goes on
    thread.start()
    return thread


def _run(work: Callable[[], Any], done: Callable[[Any], None]) -> None:
    try:
        found = work()
    except (ClientError, NukeProblem) as error:
        nuke.executeInMainThread(tell, (str(error),))
    except Exception as error:  # noqa: BLE001 - a thread of Nuke's has nobody who would see it
        nuke.executeInMainThread(tell, (broken(error),))
    else:
        nuke.executeInMainThread(guarded(done), (found,))


def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same, but what goes wrong is told in one sentence, and nothing is raised into Nuke."""

    def safe(*args: Any) -> Any:
        try:
            return call(*args)
        except (ClientError, NukeProblem) as error:
            tell(str(error))
        except Exception as error:  # noqa: BLE001 - a menu of ours must not break Nuke
            tell(broken(error))
        return None

    return safe


def tell(sentence: str) -> None:
    """Show a sentence to the artist; the main thread only. Nuke reads what it shows as HTML."""
    nuke.message(as_shown(sentence))


def as_shown(text: str) -> str:
    """Text that Nuke shows as it is, whatever is in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("[", "&#91;")


def broken(error: Exception) -> str:
    """A sentence on a fault of our own; its whole story is written to a file."""
    path = Path(tempfile.gettempdir()) / LOG
    story = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    try:
        with path.open("a", encoding="utf-8") as log:
            log.write(time.strftime("%Y-%m-%d %H:%M:%S\n") + story)
    except OSError:
        return f"Shotmill's plug-in failed ({error!r}); please tell your pipeline team"
    return f"Shotmill's plug-in failed ({error!r}); please send {path} to your pipeline team"
