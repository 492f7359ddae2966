"""The client asks the real Shotmill in a process of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from shotmill.submitters.client import Client, ClientError

JUNK = {"PYTHONHOME": "/bad", "PYTHONPATH": "/junk", "QT_PLUGIN_PATH": "/junk", "LD_LIBRARY_PATH": "/junk"}


def host(home: Path) -> Client:
    """A client in the environment of a host that ships its own Python, Qt and libraries."""
    environ = {**os.environ, **JUNK, "SHOTMILL_HOME": str(home)}
    return Client("rv", "2025.1", python=sys.executable, environ=environ)


def test_a_host_is_answered_whatever_its_environment_holds(tmp_path: Path) -> None:
    assert host(tmp_path).ask("ping")["protocol"] == 1


def test_an_error_of_shotmill_comes_as_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ClientError) as refused:
        host(tmp_path).ask("describe", {"job_type": "thumbnial"})
    assert (refused.value.code, refused.value.retry) == ("E112", False)
    assert str(refused.value).startswith("there is no job type 'thumbnial'; did you mean: thumbnail")
