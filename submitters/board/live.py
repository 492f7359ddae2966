"""Progress as it happens, over a WebSocket: one look at the database a second, whoever listens.

A client says who it is first of all: ``{"token": "..."}``. From then on it is told what changed: ``{"type": "jobs",
"jobs": [...], "new": true, "states": {...}}``, and ``{"type": "trouble", "error": {...}}`` while the database is away.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from ...schema.errors import ShotmillError
from ..cli.verdicts import code_of
from . import queries
from .auth import is_token
from .grid import progress_of
from .problems import error_out

if TYPE_CHECKING:
    from .place import Board

LOG = logging.getLogger(__name__)
LOOK_S = 1.0
SHARE = 10  # a look that took long is followed by a pause so many times as long
TOKEN_S = 10.0  # until a client must have said its token
WAITING = 200  # messages that a slow client may lag behind before it is let go
NO_TOKEN = 4401  # as HTTP's 401; codes from 4000 on are the application's own

Moves = dict[str, Any]


@dataclass
class Live:
    """Who listens, and what they were told."""

    board: Board
    _clients: set[asyncio.Queue[str]] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None
    _told: dict[str, Moves] = field(default_factory=dict)
    _known: set[str] | None = None
    _states: dict[str, int] = field(default_factory=dict)
    looks: int = 0

    async def serve(self, socket: WebSocket) -> None:
        """Talk with one client until it goes."""
        await socket.accept()
        if not await self._is_known(socket):
            await socket.close(NO_TOKEN, "say {'token': ...} first")
            return
        queue: asyncio.Queue[str] = asyncio.Queue(WAITING)
        self._clients.add(queue)
        await socket.send_json({"type": "hello", "states": self._states})
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        sender = asyncio.create_task(_send(socket, queue))
        try:
            while True:
                await socket.receive_text()  # it has nothing to say, but tells that it goes
        except (WebSocketDisconnect, RuntimeError, KeyError):
            pass
        finally:
            self._clients.discard(queue)
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await sender

    async def _is_known(self, socket: WebSocket) -> bool:
        try:
            said = json.loads(await asyncio.wait_for(socket.receive_text(), TOKEN_S))
        except (TimeoutError, ValueError, WebSocketDisconnect, KeyError, RecursionError):
            return False
        return isinstance(said, dict) and is_token(self.board, said.get("token"))

    async def _watch(self) -> None:
        """Look and tell, as long as somebody listens."""
        away = False
        while self._clients:
            began = time.monotonic()
            try:
                message = await run_in_threadpool(self.look)
                if away and not message:
                    message = {"type": "jobs", "jobs": [], "new": True, "states": self._states}
                away = False
            except ShotmillError as error:
                message, away = {"type": "trouble", "error": error_out(error).model_dump(mode="json")}, True
            if message:
                self._tell(json.dumps(message))
            await asyncio.sleep(max(LOOK_S, SHARE * (time.monotonic() - began)))

    def _tell(self, text: str) -> None:
        for queue in tuple(self._clients):
            try:
                queue.put_nowait(text)
            except asyncio.QueueFull:  # it reads no more
                self._clients.discard(queue)

    def look(self) -> Mapping[str, Any]:
        """What changed since the last look; empty: nothing."""
        self.looks += 1
        with self.board.database.read() as connection:
            self.board.seen.look(connection)
            asked = {*queries.open_handles(connection), *self._told}
            asked = {handle for handle in asked if handle in self.board.seen.jobs}
            lines = queries.lines_of(connection, sorted(asked))
            going = queries.going(connection)
            states = queries.count_states(connection)
        now = {handle: _moves(line, progress_of(line, going)) for handle, line in lines.items()}
        changed = [moves for handle, moves in now.items() if moves != self._told.get(handle)]
        jobs = set(self.board.seen.jobs)
        is_new = self._known is not None and jobs != self._known
        moved = bool(changed) or is_new or states != self._states
        self._told = {handle: moves for handle, moves in now.items() if not lines[handle].state.is_final}
        self._known, self._states = jobs, states
        return {"type": "jobs", "jobs": changed, "new": is_new, "states": states} if moved else {}


def _moves(line: queries.JobLine, progress: float) -> Moves:
    return {
        "handle": line.handle,
        "state": line.state.value,
        "done": line.done,
        "failed": line.failed,
        "tasks": line.tasks,
        "progress": progress,
        "code": code_of(line.failure),
    }


async def _send(socket: WebSocket, queue: asyncio.Queue[str]) -> None:
    while True:
        await socket.send_text(await queue.get())
