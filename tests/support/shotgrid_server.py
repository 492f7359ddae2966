"""A ShotGrid site over HTTP: what the real client sends is answered from Mockgun, and any answer can go wrong.

Speaks ``/api3/json`` as ``shotgun_api3`` 3.10 does, its forms under ``/upload/``, and the PUTs of a file store.
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import shotgun_api3
from shotgun_api3.lib.mockgun import Shotgun as Mockgun

SCRIPT = "shotmill"
KEY = "k3y-th4t-n0b0dy-m4y-s33"
AUTH_FAULT, CRUD_FAULT = 102, 104  # error codes of the JSON API
VERSION = [8, 70, 0]
PAGE = 500  # rows of an answer
COMPRESSED = False  # whether answers are
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """The site and what is to go wrong on it.

    Attributes:
        base: Mockgun, which holds the rows.
        to_storage: whether movies go to a file store of their own, as on hosted sites.
        asked: what was asked, in order: a method of the JSON API, or a path.
        proxied: what was asked of it as of a proxy.
        faults: what happens at the request of a number, counted from 1; 0 stands for every request.
    """

    base: Mockgun
    to_storage: bool = True
    url: str = ""
    asked: list[str] = field(default_factory=list)
    proxied: list[str] = field(default_factory=list)
    faults: dict[int, Callable[[_Handler, Answer], None]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def serving(base: Mockgun, *, to_storage: bool = True) -> Iterator[Site]:
    """A site that answers while the block runs."""
    site = Site(base, to_storage)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.site = site
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def lose(handler: _Handler, _answer: Answer) -> None:
    """What was asked is done, and the connection ends without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def halve(handler: _Handler, answer: Answer) -> None:
    """What was asked is done, and half of the answer arrives."""
    status, headers, body = answer
    handler.say((status, headers, body), sent=body[: len(body) // 2])
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def hang(handler: _Handler, _answer: Answer) -> None:
    """What was asked is done, and nothing comes for a while."""
    time.sleep(4.0)
    handler.close_connection = True


def say(status: int, body: bytes = b"<html>no</html>", kind: str = "text/html", **headers: str) -> Any:
    """Something else is answered, and nothing was done."""

    def fault(handler: _Handler, _answer: Answer) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.say((status, {"Content-Type": kind, **named}, body))

    fault.instead = True  # type: ignore[attr-defined] # read below
    return fault


class _Server(ThreadingHTTPServer):
    site: Site
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is none of our business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # 40 ms a request otherwise

    @property
    def site(self) -> Site:
        """Whose it is."""
        return cast("_Server", self.server).site

    def parse_request(self) -> bool:
        """As of every server; somebody may also take it for a proxy, behind which it then is itself."""
        read = super().parse_request()
        if read and not self.path.startswith("/"):
            self.site.proxied.append(self.path)
            self.path = self.path.removeprefix(self.site.url)
        return read

    def do_CONNECT(self) -> None:
        self.send_response_only(200)
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api3/json":
            self._answer(str(json.loads(body)["method_name"]), lambda: _json(self.site, body))
        else:
            kind = self.headers.get("Content-Type", "")
            self._answer(self.path, lambda: _form(self.site, self.path, _fields(kind, body)))

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        place = urlsplit(self.path).path

        def keep() -> Answer:
            self.site.stored[place] = body
            return 200, {"ETag": f'"{len(body)}"'}, b""

        self._answer(f"PUT {place}", keep)

    def _answer(self, asked: str, act: Callable[[], Answer]) -> None:
        site = self.site
        with site.lock:
            site.asked.append(asked)
            fault = site.faults.get(len(site.asked)) or site.faults.get(0)
            answer = (500, {}, b"") if getattr(fault, "instead", False) else act()
        if fault:
            fault(self, answer)
        else:
            self.say(answer)

    def say(self, answer: Answer, sent: bytes | None = None) -> None:
        """Send an answer, or say that it comes and send these bytes."""
        status, headers, body = answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if sent is None else sent)

    def log_message(self, *_args: Any, **_more: Any) -> None:
        """Say nothing."""


def _json(site: Site, body: bytes) -> Answer:
    asked = json.loads(body)
    method, params = asked["method_name"], asked["params"]
    try:
        if method == "info":
            return _told(_info(site))
        who = params[0]
        if (who.get("script_name"), who.get("script_key")) != (SCRIPT, KEY):
            return _fault(AUTH_FAULT, f"Can't authenticate script '{who.get('script_name')}'")
        return _told({"results": METHODS[method](site.base, params[1])})
    except (shotgun_api3.ShotgunError, KeyError) as error:
        return _fault(CRUD_FAULT, f"API {method}() {error}")


def _told(value: Any) -> Answer:
    headers, body = {"Content-Type": "application/json; charset=utf-8"}, json.dumps(value, default=_when).encode()
    return (200, {**headers, "Content-Encoding": "gzip"}, gzip.compress(body)) if COMPRESSED else (200, headers, body)


def _when(moment: Any) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _fault(code: int, message: str) -> Answer:
    return _told({"exception": True, "error_code": code, "message": message})


def _info(site: Site) -> dict[str, Any]:
    return {
        "version": VERSION,
        "s3_direct_uploads_enabled": site.to_storage,
        "s3_enabled_upload_types": {"Version": ["sg_uploaded_movie"]},
        "api_max_entities_per_page": PAGE,
    }


def _read(base: Mockgun, asked: dict[str, Any]) -> dict[str, Any]:
    found = base.find(asked["type"], _filters(asked["filters"])["filters"], asked["return_fields"])
    size, page = asked["paging"]["entities_per_page"], asked["paging"]["current_page"]
    more = len(found) > size * page
    return {"entities": found[size * (page - 1) : size * page], "paging_info": {"has_next_page": more}}


def _filters(wire: dict[str, Any]) -> dict[str, Any]:
    """Filters of the JSON API in the form that people write, which is what Mockgun reads whole."""
    found: list[Any] = []
    for one in wire["conditions"]:
        if "conditions" in one:
            found.append(_filters(one))
        else:
            values = one["values"]
            found.append([one["path"], one["relation"], values[0] if len(values) == 1 else values])
    return {"filter_operator": "any" if wire["logical_operator"] == "or" else "all", "filters": found}


def _values(asked: dict[str, Any]) -> dict[str, Any]:
    return {one["field_name"]: one["value"] for one in asked["fields"]}


def _create(base: Mockgun, asked: dict[str, Any]) -> Any:
    return base.create(asked["type"], _values(asked))


def _update(base: Mockgun, asked: dict[str, Any]) -> Any:
    return base.update(asked["type"], asked["id"], _values(asked))[0]


def _batch(base: Mockgun, asked: list[dict[str, Any]]) -> Any:
    return [{"create": _create, "update": _update}[one["request_type"]](base, one) for one in asked]


METHODS: dict[str, Callable[[Mockgun, Any], Any]] = {
    "read": _read,
    "create": _create,
    "update": _update,
    "batch": _batch,
    "schema_field_read": lambda base, asked: base.schema_field_read(asked["type"]),
}


def _fields(kind: str, body: bytes) -> dict[str, Any]:
    """The fields of a form; of a file its name and its bytes."""
    if not kind.startswith("multipart/"):
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}
    found: dict[str, Any] = {}
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr] # parts are messages
        content = part.get_payload(decode=True)  # type: ignore[union-attr] # same
        file = part.get_filename()  # type: ignore[union-attr] # same
        found[str(name)] = (file, content) if file else content.decode()  # type: ignore[union-attr] # same
    return found


def _form(site: Site, path: str, form: dict[str, Any]) -> Answer:
    if (form["script_name"], form["script_key"]) != (SCRIPT, KEY):
        return 200, {}, b"0\nCan't authenticate"
    return 200, {"Content-Type": "text/plain"}, FORMS[path](site, form).encode()


def _place(site: Site, name: str) -> str:
    return f"{site.url}/store/{name}?X-Signature=s1gned-f0r-0nce"


def _link_info(site: Site, form: dict[str, Any]) -> str:
    name = form["filename"]
    return "\n".join(["1", _place(site, name), "2026-11-21T20:00:00Z", form["upload_type"], "upload-1", name, ""])


def _attach(site: Site, form: dict[str, Any], name: str) -> str:
    kind, number = form["entity_type"], int(form["entity_id"])
    return f"1:{site.base.upload(kind, number, name, form.get('field_name', 'thumb_image'))}\n"


def _take(site: Site, form: dict[str, Any]) -> str:
    name, content = form.get("file") or form["thumb_image"]
    site.stored[f"/upload/{name}"] = content
    return _attach(site, form, name)


FORMS: dict[str, Callable[[Site, dict[str, Any]], str]] = {
    "/upload/api_get_upload_link_info": _link_info,
    "/upload/api_get_upload_link_for_part": lambda site, form: (
        f"1\n{_place(site, form['filename'] + '.' + form['part_number'])}\n"
    ),
    "/upload/api_complete_multipart_upload": lambda _site, _form: "1\n",
    "/upload/api_link_file": lambda site, form: _attach(site, form, form["upload_link_info"].split("\n")[5]),
    "/upload/upload_file": _take,
    "/upload/publish_thumbnail": _take,
}
