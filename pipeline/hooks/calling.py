"""Calling a hook: whatever it does, it ends here in one error that names it."""

from __future__ import annotations

import contextlib
import io
import logging
import threading
import traceback
from collections.abc import Iterator

from ...schema.errors import ShotmillError
from ...schema.hooks import HookRef
from ...schema.names import plain_text
from .loading import load
from .value import HookCall

log = logging.getLogger(__name__)


class HookError(Exception):
    """A hook refused, failed, hung or would have ended the process.

    Attributes:
        why: what it said, for people; names the hook.
        hint: what to do, where it said so.
    """

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


def call_hook(ref: HookRef, value: HookCall) -> None:
    """Call a hook; in a thread, so that one that hangs is left behind after ``ref.timeout_s`` seconds.

    What it prints goes to the log. A thread that hangs cannot be ended: it ends with the process.

    Raises:
        HookError: it did not return in time, or raised anything, ``SystemExit`` included.
        PluginLoadError: it is not there or does not import.
    """
    what = f"hook {ref.name!r}"
    function = load(ref, what=what)
    if not callable(function):
        raise HookError(f"{what} ({ref.call}) cannot be called; it is no function")
    ended: list[BaseException | None] = []

    def work() -> None:
        try:
            function(value)
        except BaseException as error:  # noqa: BLE001 - it is told to whoever called, in the other thread
            ended.append(error)
        else:
            ended.append(None)

    thread = threading.Thread(target=work, name=f"shotmill {what}", daemon=True)
    with _heard(what):
        thread.start()
        thread.join(ref.timeout_s)
    if not ended:
        raise HookError(f"{what} ({ref.call}) did not end within {ref.timeout_s:g} s")
    if ended[0] is not None:
        raise _told(what, ref, ended[0]) from ended[0]


def _told(what: str, ref: HookRef, error: BaseException) -> HookError:
    log.info("%s", "".join(traceback.format_exception(error)))
    if isinstance(error, SystemExit):
        return HookError(f"{what} ({ref.call}) wanted to end the process with code {error.code}; it must not")
    if isinstance(error, ShotmillError):
        return HookError(f"{what}: {error.message}", error.hint)
    said = plain_text(str(error))
    if isinstance(error, ValueError) and said:
        return HookError(f"{what}: {said}")
    return HookError(f"{what} ({ref.call}) failed: {type(error).__name__}: {said}")


@contextlib.contextmanager
def _heard(what: str) -> Iterator[None]:
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            yield
    finally:
        for line in said.getvalue().splitlines():
            log.info("%s: %s", what, line)
