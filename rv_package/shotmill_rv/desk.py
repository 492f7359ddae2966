"""Questions to Shotmill that are under way: children behind a timer, so that RV never waits."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from shotmill_client import Call, Client, ClientError

POLL_MS = 40
CALM_MS = 500  # while RV plays, it has the machine
Done = Callable[[Any], None]
Told = Callable[["dict[str, Any]"], None]


class Question:
    """One question: who is told what."""

    def __init__(self, call: Call, done: Done, failed: Callable[[ClientError], None], told: Told | None) -> None:
        self.call = call
        self.done = done
        self.failed = failed
        self.told = told


class Desk:
    """Asks, and tells on the main thread.

    Args:
        make_client: made when the first question is asked, so that RV starts without Shotmill as well.
        complain: what is called with a sentence when nobody else wants to know.
    """

    def __init__(self, make_client: Callable[[], Client], complain: Callable[[ClientError], None]) -> None:
        self._make_client = make_client
        self._complain = complain
        self._client: Client | None = None
        self._open: dict[str, Question] = {}
        self._finished: queue.Queue[Callable[[], None]] = queue.Queue()
        self.playing = False

    @property
    def client(self) -> Client:
        """The client.

        Raises:
            ClientError: nothing says where Shotmill is.
        """
        if self._client is None:
            self._client = self._make_client()
        return self._client

    @property
    def waiting(self) -> int:
        """How many questions are under way."""
        return len(self._open)

    @property
    def pause_ms(self) -> int:
        """How long to wait before the next poll."""
        return CALM_MS if self.playing else POLL_MS

    def ask(
        self,
        op: str,
        args: dict[str, Any],
        done: Done,
        *,
        told: Told | None = None,
        failed: Callable[[ClientError], None] | None = None,
        key: str = "",
    ) -> bool:
        """Ask, and return at once; a question whose key is under way already is not asked twice.

        Returns:
            Whether it was asked.
        """
        name = key or f"{op} {id(done)} {len(self._open)}"
        if name in self._open:
            return False
        try:
            client = self.client
            call = client.start(client.request(op, args))
        except ClientError as fault:
            (failed or self._complain)(fault)
            return False
        self._open[name] = Question(call, done, failed or self._complain, told)
        return True

    def forget(self, key: str) -> None:
        """End a question; nobody is told."""
        question = self._open.pop(key, None)
        if question is not None:
            question.call.cancel()

    def work(self, job: Callable[[], Any], done: Done, failed: Callable[[Exception], None]) -> None:
        """Do something outside of the main thread, and tell on it. The work must not touch RV."""

        def run() -> None:
            try:
                value = job()
            except (OSError, ValueError) as fault:
                self._finished.put(lambda fault=fault: failed(fault))
            else:
                self._finished.put(lambda: done(value))

        threading.Thread(target=run, name="shotmill-work", daemon=True).start()

    def poll(self) -> None:
        """Tell what came meanwhile; called by a timer on the main thread."""
        while not self._finished.empty():
            self._finished.get_nowait()()
        for name, question in list(self._open.items()):
            is_over = question.call.done  # before the lines are read: none comes after
            for line in question.call.poll():
                if question.told is not None and line.get("type") in {"progress", "warning", "event"}:
                    question.told(line)
            if is_over and self._open.pop(name, None) is not None:
                self._tell(question)

    def close(self) -> None:
        """End all questions; jobs that were submitted go on."""
        for name in list(self._open):
            self.forget(name)

    @staticmethod
    def _tell(question: Question) -> None:
        try:
            value = question.call.value
        except ClientError as fault:
            question.failed(fault)
        else:
            question.done(value)
