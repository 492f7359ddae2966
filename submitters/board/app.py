"""The board as one application: the page, the API, and the socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response, WebSocket

from ... import __version__
from . import doing, looking, published
from .live import Live
from .place import Board
from .problems import tell_problems

HERE = Path(__file__).parent / "static"
STATIC = {
    "/": ("board.html", "text/html"),
    "/board.css": ("board.css", "text/css"),
    "/board.js": ("board.js", "text/javascript"),
}
ABOUT = """Jobs by shots, on this machine's loopback. Every request but for this document and the page itself needs
the header `Authorization: Bearer TOKEN`. Progress comes over the WebSocket `/api/live`: say `{"token": "TOKEN"}` first.
What a request does is what the command of the same name does; the board runs no work itself."""

# FastAPI can send traces to wherever the environment says; this makes no request to anywhere. Older ones cannot, and
# keep the word among those that they do not know.
QUIET: Any = {"telemetry": dict.fromkeys(("tracing", "metrics", "logs", "operation_spans", "auto_configure"), False)}


def make_app(board: Board) -> FastAPI:
    """The application of a board; ``Guard`` stands before it."""
    app = FastAPI(
        title="Shotmill board",
        version=__version__,
        description=ABOUT,
        docs_url=None,  # these load scripts from elsewhere
        redoc_url=None,
        separate_input_output_schemas=False,
        redirect_slashes=False,
        **QUIET,
    )
    app.state.board = board
    app.state.live = live = Live(board)
    for path, (name, media_type) in STATIC.items():
        _add_page(app, path, (HERE / name).read_bytes(), media_type)
    for router in (looking.router, published.router, doing.router):
        app.router.routes.extend(router.routes)  # to include them would make all their models anew

    async def talk(socket: WebSocket) -> None:
        await live.serve(socket)

    app.add_api_websocket_route("/api/live", talk)
    tell_problems(app)
    _name_the_token(app)
    return app


def _add_page(app: FastAPI, path: str, content: bytes, media_type: str) -> None:
    def page() -> Response:
        return Response(content, media_type=media_type)

    app.add_api_route(path, page, methods=["GET"], include_in_schema=False)


def _name_the_token(app: FastAPI) -> None:
    """Say in the OpenAPI document that the API wants a token."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"token": []}]
        return plain()

    app.openapi = described  # type: ignore[method-assign]
