"""``segment`` as hosts ask for it: where the segmenter is, and one that is started where none runs."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from rpc_host import ask

from shotmill.farm_plugins.segmenter.place import Place
from shotmill.farm_plugins.segmenter.serve import Segmenter
from shotmill.pipeline.roto.clicks import Clicks


def test_with_start_one_is_started_and_the_next_question_finds_it(
    clicks: Clicks, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is started runs in a thread here; how it is started as a process is ``shotmill segment --serve``'s test."""
    home = place.folder.parent
    assert ask(home, "segment").error["code"] == "E211"
    started: list[Any] = []
    up, over = threading.Event(), threading.Event()

    def serve() -> None:
        with place.taken():
            server = Segmenter(place, lambda request: clicks.answer(request, by_server=True))
            started.append(server)
            up.set()
            server.stay()
        over.set()

    def start(*argv: str, environment: dict[str, str], log: Path) -> None:
        started.extend([argv, environment["SHOTMILL_HOME"], log])
        threading.Thread(target=serve).start()

    monkeypatch.setattr("shotmill.farm_plugins.detached.start_detached", start)
    first = ask(home, "segment", {"start": True, "backend": "samecolour"})
    assert up.is_set()
    argv, told_home, log, server = started
    try:
        words = ("segment", "--serve", "--backend", "samecolour", "--host-pid", argv[-1])
        assert (argv, told_home) == (("shotmill", *words), str(home))
        assert int(argv[-1]) in {os.getpid(), os.getppid()}  # of whoever started the child that was asked
        assert log == home / "segmenter.log"
        assert {line["stage"] for line in first.of("progress")} == {"load"}
        assert first.value["url"] == f"http://127.0.0.1:{server.address_told.port}"
        again = ask(home, "segment", {"start": True})
        assert (again.value, again.of("progress"), len(started)) == (first.value, [], 4)
    finally:
        server.end()
        assert over.wait(60)


def test_one_that_does_not_come_up_is_told_with_where_its_words_are(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shotmill.farm_plugins.detached.start_detached", lambda *_argv, **_more: None)
    failed = ask(place.folder.parent, "segment", {"start": True, "wait_s": 0.01}).error
    assert "did not come up within 0.01 s" in failed["message"]
    assert failed["hint"].endswith("segmenter.log")
