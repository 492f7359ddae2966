"""The real RQD, from pip, in an environment of its own."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import psutil
from environments import environment
from opencue_proto import rqd_pb2, rqd_pb2_grpc

from .server import Cuebot

# Without pynput, which has to be compiled and is only wanted where people sit at the machine.
PINS = (
    "opencue-rqd==1.37.0",
    "opencue-proto==1.37.0",
    "grpcio==1.85.1",
    "protobuf==7.36.2",
    "psutil==5.9.8",
    "future==1.0.0",
    "typing_extensions==4.16.0",
)
START_S = 120
CALL_S = 60
# RQD calls /usr/bin/time, which small systems lack; there a script takes its place that ends as time does.
_LAUNCHER = """\
import os, subprocess, sys
sys.argv[0] = "rqd"
if not os.path.exists("/usr/bin/time"):
    class Popen(subprocess.Popen):
        def __init__(self, argv, *args, **named):
            if isinstance(argv, list) and "/usr/bin/time" in argv:
                at = argv.index("/usr/bin/time")
                argv = [*argv[:at], "/bin/sh", "-c", 'shift 3; "$@"; exit $?', *argv[at:]]
            super().__init__(argv, *args, **named)
    subprocess.Popen = Popen
from rqd.__main__ import main
sys.exit(main())
"""


@dataclass(eq=False)
class RqdHost:
    """An RQD as Cuebot sees it."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    cores: int = 200
    gpus: int = 0

    def launch(self, run: Any) -> None:
        self._stub().LaunchFrame(rqd_pb2.RqdStaticLaunchFrameRequest(run_frame=run), timeout=CALL_S)

    def kill(self, frame_id: str, reason: str) -> None:
        request = rqd_pb2.RqdStaticKillRunningFrameRequest(frame_id=frame_id, message=reason)
        try:
            self._stub().KillRunningFrame(request, timeout=CALL_S)
        except grpc.RpcError as error:
            if getattr(error, "code", lambda: None)() is not grpc.StatusCode.NOT_FOUND:  # it has just ended
                raise

    def _stub(self) -> Any:
        if not hasattr(self, "_made"):
            self._channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
            self._made = rqd_pb2_grpc.RqdInterfaceStub(self._channel)
        return self._made

    def close(self) -> None:
        if hasattr(self, "_channel"):
            self._channel.close()


@contextmanager
def rqd(bot: Cuebot, folder: Path, site: Mapping[str, str], *, name: str = "rqd1") -> Iterator[RqdHost]:
    """A host that runs frames with the real RQD, known to this Cuebot.

    Args:
        bot: its Cuebot.
        folder: for its settings and its log.
        site: the environment that the host's administrator gives every frame; ``PATH`` has to find shotmill.
        name: of the host.
    """
    port = _free_port()
    settings = folder / f"{name}.conf"
    named = "\n".join(variable for variable in site if variable != "PATH")
    settings.write_text(
        "[Override]\n"
        f"OVERRIDE_CUEBOT=127.0.0.1\nCUEBOT_GRPC_PORT={bot.port}\nRQD_GRPC_PORT={port}\nOVERRIDE_HOSTNAME={name}\n"
        "RQD_BECOME_JOB_USER=False\nOVERRIDE_NIMBY=False\nUSE_NIMBY_PYNPUT=False\nRQD_USE_PATH_ENV_VAR=True\n"
        "OVERRIDE_CORES=8\nOVERRIDE_PROCS=1\nOVERRIDE_MEMORY=33554432\n"
        f"[UseHostEnvVar]\n{named}\n"
    )
    python = environment("opencue-rqd", PINS).python
    started = bot.host_started(name)
    with tempfile.TemporaryDirectory(prefix="rqd-") as own, (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [str(python), "-c", _LAUNCHER, "-c", str(settings)],
            env={**site, "TMPDIR": own}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        host = RqdHost(name, port, process, folder / f"{name}.log")
        try:
            assert started.wait(START_S), host.log.read_text(errors="replace")
            bot.bot.add_host(host)
            yield host
        finally:
            _end(process)
            host.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and what it runs; its own way of stopping takes ten seconds."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait()
    for child in children:
        if child.is_running():
            child.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
