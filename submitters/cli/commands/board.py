"""``board``: a page about jobs on this machine's loopback, and the same as an HTTP API."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ....schema.errors import MissingExtraError
from ..studio import studio

NEEDED = frozenset({"fastapi", "starlette", "uvicorn", "websockets"})
OPENER = """<!doctype html><meta charset="utf-8"><title>Shotmill board</title>
<meta http-equiv="refresh" content="0;url={url}"><a href="{url}">to the board</a>
"""


@click.command("board", help="Serve the board, one page about all jobs, to this machine alone; Ctrl-C ends it.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="port of 127.0.0.1; default: any that is free")
@click.option("--open", "show", is_flag=True, help="open the page in a browser")
@click.option("--read-only", is_flag=True, help="refuse whatever would change something")
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="take the token from this file, which is made if need be; programs read it there",
)
@click.option(
    "--farm-page",
    "farm_pages",
    multiple=True,
    metavar="ENGINE=URL",
    help="where a farm shows jobs, with {id} for its own id; on Deadline Cloud also {farm}, {queue} and {job}",
)
@click.pass_context
def board_command(
    ctx: click.Context,
    /,
    port: int,
    token_file: Path | None,
    farm_pages: tuple[str, ...],
    *,
    show: bool,
    read_only: bool,
) -> None:
    """Serve the board."""
    try:
        from ...board import Board, FarmPage, Serving, bound_socket, read_token
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in NEEDED:
            raise
        raise MissingExtraError(
            f"the board needs {error.name}, which is not installed", hint="pip install 'shotmill[board]'"
        ) from error
    where = studio(ctx)
    pages = [FarmPage.parse(text) for text in farm_pages]
    board = Board(where, read_only=read_only, farm_pages={one.engine: one for one in pages})
    if token_file is not None:
        board.token = read_token(token_file.absolute())
    listening = bound_socket(port)
    where.database  # noqa: B018 - opened, and upgraded if need be, before anybody asks
    serving = Serving(board, listening)
    full = f"{serving.url}#token={board.token}"
    told = f"{serving.url} (token in {token_file})" if token_file else full
    print(f"board: {told}", flush=True)  # whoever reads it from a file or a pipe waits for it
    ctx.find_root().call_on_close(listening.close)
    with _opened(full, show=show):
        serving.run()


@contextmanager
def _opened(url: str, *, show: bool) -> Iterator[None]:
    """A browser that is led to a page by a file of this user's: what processes are called with, everybody may read."""
    if not show:
        yield
        return
    handle, name = tempfile.mkstemp(prefix="shotmill-board-", suffix=".html")
    with os.fdopen(handle, "w") as file:
        file.write(OPENER.format(url=url))
    try:
        if click.launch(name) != 0:
            click.echo("note: no browser could be started here; open the address above", err=True)
        yield
    finally:
        Path(name).unlink(missing_ok=True)
