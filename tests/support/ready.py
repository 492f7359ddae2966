"""A process that has imported the commands once, and forks a child for each command line: half a second less for each.

A child is what ``shotmill`` would be: it has the arguments, folder, environment and streams of who asked, and ends with
its exit code. ``python ready.py FOLDER`` serves at FOLDER/socket until its standard input ends.
"""

from __future__ import annotations

import array
import importlib
import io
import os
import random
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HANDLES = 3 * array.array("i").itemsize
# What many commands import once they run.
LATER = (
    "rich.table",
    "sqlalchemy.dialects.sqlite",
    "shotmill.farm_plugins.colouring",
    "shotmill.farm_plugins.local",
    "shotmill.farm_plugins.submission",
    "shotmill.pipeline.outbox",
    "shotmill.pipeline.store.catalog",
    "shotmill.pipeline.store.migrate",
    "shotmill.pipeline.store.reviews",
    "shotmill.pipeline.tools",
)

# What stands for ``shotmill`` on a PATH. It is Python without its libraries, which starts in a hundredth of a second.
ASKER = """#!{python} -IS
import posix, sys, _socket
real = {real!r}
words = sys.argv[1:]
if {{*words}} & {{"demo", "engine", "keeper", "task"}} or any(name.startswith(b"PYTHON") for name in posix.environ):
    posix.execv(real, [real, *words])  # which starts processes that belong to it, or depends on how Python starts
coded = [word.encode(sys.getfilesystemencoding(), "surrogateescape") for word in words]
given = [posix.getcwdb(), b"%d" % len(words), *coded]
given += [name + b"=" + value for name, value in posix.environ.items()]
text = b"\\0".join(given)
server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
server.connect({place!r})
handles = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
server.sendmsg([len(text).to_bytes(4, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, handles)])
server.sendall(text)
code = int(server.recv(16) or b"70")
if code < 0:
    posix.kill(posix.getpid(), -code)
posix._exit(code)
"""


@contextmanager
def ready_commands(folder: Path) -> Iterator[Path]:
    """A folder for the PATH, whose ``shotmill`` asks a server that runs meanwhile."""
    real = Path(sys.executable).with_name("shotmill")
    asker = folder / "bin" / "shotmill"
    asker.parent.mkdir()
    asker.write_text(ASKER.format(python=sys.executable, real=str(real), place=str(folder / "socket")))
    asker.chmod(0o755)
    argv = [sys.executable, __file__, str(folder)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield asker.parent
        server.communicate()


def main() -> None:
    """Serve until standard input ends; in a child, be the command."""
    folder = Path(sys.argv[1])
    sys.path[0] = str(Path(sys.executable).parent)  # as it is for the program
    table = importlib.import_module("shotmill.submitters.cli.table")
    importlib.import_module("shotmill.submitters.cli.root")
    commands = sorted({f"shotmill.submitters.cli.commands.{module}" for module, _ in table.COMMANDS.values()})
    for module in (*commands, *LATER):
        importlib.import_module(module)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(folder / "socket"))
    listener.listen()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        asking, _, _ = select.select([sys.stdin, listener], [], [], 1.0)
        _reap()
        if sys.stdin in asking:
            return
        if listener in asking:
            asked, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                words = _answer(asked)
                break
            asked.close()
    from shotmill.submitters.cli import main as be_shotmill  # noqa: PLC0415 - in the child

    sys.argv = ["shotmill", *words]
    be_shotmill()


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _answer(asked: socket.socket) -> list[str]:
    """In the command's process: its words, once all is as it was for who asked. Another process waits and answers."""
    size, handles, _, _ = socket.recv_fds(asked, 4, 3)
    text = b""
    while len(text) < int.from_bytes(size, "big"):
        text += asked.recv(1 << 16)
    folder, count, *rest = text.split(b"\0")
    child = os.fork()
    if child:
        for handle in handles:  # a pipe ends when the command ends
            os.close(handle)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        asked.sendall(b"%d" % code)
        os._exit(0)
    asked.close()
    for number, handle in enumerate(handles):
        os.dup2(handle, number)
        os.close(handle)
    os.chdir(folder)
    os.environb.clear()
    os.environb.update(dict(pair.split(b"=", 1) for pair in rest[int(count) :]))
    _open_streams()
    random.seed()
    return [os.fsdecode(word) for word in rest[: int(count)]]


def _open_streams() -> None:
    """Python's standard streams anew, as they are when it starts."""
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        old = getattr(sys, name)
        raw = open(number, f"{mode}b", closefd=False)  # noqa: SIM115 - stays open
        lines = name == "stderr" or os.isatty(number)
        made = io.TextIOWrapper(raw, encoding=old.encoding, errors=old.errors, line_buffering=lines)
        setattr(sys, name, made)
        setattr(sys, f"__{name}__", made)


if __name__ == "__main__":
    main()
