"""The client asks the real Shotmill in a process of its own."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest
from command_line import stop_engines, write_frames

from shotmill.submitters.client import Client, ClientError

JUNK = {"PYTHONHOME": "/bad", "PYTHONPATH": "/junk", "QT_PLUGIN_PATH": "/junk", "LD_LIBRARY_PATH": "/junk"}


def host(home: Path) -> Client:
    """A client in the environment of a host that ships its own Python, Qt and libraries."""
    environ = {**os.environ, **JUNK, "SHOTMILL_HOME": str(home)}
    return Client("rv", "2025.1", python=sys.executable, environ=environ)


def test_a_host_is_answered_whatever_its_environment_holds(tmp_path: Path) -> None:
    assert host(tmp_path).ask("ping")["protocol"] == 1


def test_a_submit_from_a_strange_host_and_a_strange_path_succeeds(tmp_path: Path) -> None:
    """Host facts 2 and 3, through a real child."""
    home, plate = tmp_path / "home", write_frames(tmp_path / 'mé dia\'s #1 100% "q"', 1001)
    asking = host(home)
    call = asking.start(asking.request("submit", {"job_type": "thumbnail", "plates": [str(plate)]}))
    stages = []
    while not call.done:
        stages += [line["stage"] for line in call.poll()]
        time.sleep(0.02)
    made = call.value
    assert stages[:1] == ["check"]
    assert asking.ask("status", {"jobs": [made["job"]["id"]]})["jobs"][0]["job"]["handle"] == made["job"]["handle"]
    spec = json.loads((Path(made["job"]["folder"]) / "bundle" / "job.json").read_text(encoding="utf-8"))
    assert spec["params"]["clips"][0]["media"] == str(plate)
    stop_engines(home)


def test_an_error_of_shotmill_comes_as_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ClientError) as refused:
        host(tmp_path).ask("describe", {"job_type": "thumbnial"})
    assert (refused.value.code, refused.value.retry) == ("E112", False)
    assert str(refused.value).startswith("there is no job type 'thumbnial'; did you mean: thumbnail")
