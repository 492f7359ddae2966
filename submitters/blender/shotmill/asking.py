"""Questions that are on their way to Shotmill: children of this process, looked at by Blender's own timer."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any, Callable, Mapping

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it

EVERY_S = 0.25
LOOK_S = 0.02

Hear = Callable[[Mapping[str, Any]], None]
Fail = Callable[[str], None]


def _shotmill_client() -> Any:
    return import_module(f"{__package__}.shotmill_client")


class Question:
    """One question, and who wants to know.

    Attributes:
        then: told the answer.
        failed: told in one sentence why there is none.
        heard: told each event meanwhile.
    """

    def __init__(self, call: Any, then: Hear, failed: Fail, heard: Hear | None) -> None:
        self.call = call
        self.then = then
        self.failed = failed
        self.heard = heard

    def look(self) -> bool:
        """Hand on what came; whether it is over."""
        done = self.call.done
        for line in self.call.poll():
            if line.get("type") == "event" and self.heard is not None:
                self.heard(line)
        if not done:
            return False
        try:
            value = self.call.value
        except _shotmill_client().ClientError as error:
            self.failed(str(error))
        else:
            self.then(value)
        return True


_open: list[Question] = []
before_look: list[Callable[[], bool]] = []  # called at each look; each says whether it is still waiting for something


def ask(
    op: str,
    args: Mapping[str, Any],
    then: Hear,
    failed: Fail,
    *,
    heard: Hear | None = None,
    id: str | None = None,  # noqa: A002 - what the protocol calls it
) -> Question | None:
    """Ask Shotmill something and return at once.

    Args:
        op: such as ``submit``.
        args: of it.
        then: told the answer, in Blender's own thread.
        failed: told in one sentence why there is none.
        heard: told each event meanwhile.
        id: of an earlier question, to ask it again; None: a new one.

    Returns:
        The question, for ``drop``; None: it could not be asked.
    """
    module = _shotmill_client()
    try:
        client = module.Client(app="blender", version=bpy.app.version_string)
        call = client.start(client.request(op, dict(args), id))
    except module.ClientError as error:
        failed(str(error))
        return None
    question = Question(call, then, failed, heard)
    _open.append(question)
    be_awake()
    return question


def drop(question: Question) -> None:
    """Want no answer any more."""
    if question in _open:
        _open.remove(question)
        question.call.cancel()


def be_awake() -> None:
    """Look again and again, until nothing is on its way."""
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=EVERY_S, persistent=True)


def tick() -> float | None:
    """Look at all questions once; Blender's timer calls it."""
    waiting = [call() for call in before_look]
    for question in list(_open):
        if question.look():
            _open.remove(question)
    _redraw()
    return EVERY_S if _open or any(waiting) else None


def wait(seconds: float) -> bool:
    """Look until nothing is on its way: for scripts without a window, where Blender runs no timers.

    Returns:
        Whether all was answered in time.
    """
    ends = time.monotonic() + seconds
    while tick() is not None:
        if time.monotonic() > ends:
            return False
        time.sleep(LOOK_S)
    return True


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "PROPERTIES":
                area.tag_redraw()


def state() -> dict[str, int]:
    """How many questions are on their way."""
    return {"open": len(_open)}


def register() -> None:
    """Nothing is asked before somebody wants to know."""


def unregister() -> None:
    """Stop listening; jobs go on."""
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    for question in _open:
        question.call.cancel()
    _open.clear()
