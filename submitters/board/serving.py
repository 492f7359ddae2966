"""A board's server: a socket on loopback, and uvicorn behind it."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from ...schema.errors import ConfigError
from .app import make_app
from .auth import Guard

if TYPE_CHECKING:
    from .place import Board

HOST = "127.0.0.1"
GRACE_S = 2
ROUNDS = 4  # of the loop: one that was just accepted is made in the second, and closed in the one after


def bound_socket(port: int) -> socket.socket:
    """A socket that listens on loopback; port 0: any that is free.

    Raises:
        ConfigError: the port is taken, or may not be used.
    """
    # Where TCP is not named, asyncio leaves Nagle's delay on: 40 ms for each answer, whose head is sent first.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
        made.listen(128)
    except OSError as error:
        made.close()
        raise ConfigError(
            f"port {port} of {HOST} cannot be used: {error.strerror}", hint="leave out --port, and one is found"
        ) from error
    return made


class _Server(uvicorn.Server):
    """Leaves no connection open: a browser that is in the middle of something holds one longer than is waited for."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for _ in range(ROUNDS):
            for left in list(self.server_state.connections):
                left.transport.abort()
            await asyncio.sleep(0)


@dataclass
class Serving:
    """A board that is served.

    Attributes:
        board: whose token guards it.
        listening: as ``bound_socket`` makes it.
    """

    board: Board
    listening: socket.socket

    def __post_init__(self) -> None:
        self.app = make_app(self.board)
        config = uvicorn.Config(
            Guard(self.app, self.board, self.port),
            lifespan="off",
            log_level=logging.WARNING,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="websockets-sansio",
            ws_max_size=1 << 16,
            timeout_graceful_shutdown=GRACE_S,
        )
        self.server = _Server(config)

    @property
    def port(self) -> int:
        """That it listens on."""
        return int(self.listening.getsockname()[1])

    @property
    def url(self) -> str:
        """Of the page, without the token."""
        return f"http://{HOST}:{self.port}/"

    def run(self) -> None:
        """Serve until somebody ends it."""
        self.server.run(sockets=[self.listening])
