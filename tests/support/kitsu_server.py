"""A stand-in for a Kitsu server, of what a publish and a pull ask of one; it can lose answers, refuse and hang.

What it answers is checked against zou: the tests of ``tests/trackers/test_kitsu.py`` run on both.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ADMIN, USER, ARTIST = "ada@studio.example", "shotmill@studio.example", "maya@studio.example"
PASSWORD = "a-pass-word-of-all"  # noqa: S105 - of accounts that live for a test
PNG = b"\x89PNG\r\n\x1a\n"
MOVIES = {"mp4", "mov"}
STATUSES = {
    "todo": "Todo",
    "wip": "Work In Progress",
    "wfa": "Waiting For Approval",
    "retake": "Retake",
    "done": "Done",
}
Row = dict[str, Any]
Answer = tuple[int, Any]
_NOT_FOUND = (404, {"error": True, "message": "404 Not Found: The requested URL was not found on the server."})


@dataclass(frozen=True)
class Fault:
    """What happens to one request in place of its answer.

    Attributes:
        done: whether it is carried out before.
        status: of another answer; 0: the connection just ends.
        hang_s: seconds before anything is answered.
        slow: whether the answer comes all the same.
        cut: whether the answer begins and does not end.
    """

    done: bool = True
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    hang_s: float = 0.0
    slow: bool = False
    cut: bool = False


@dataclass
class Kitsu:
    """What the server holds: rows by table and id, and what it was asked.

    Attributes:
        faults: by number of request, from 1.
        always: what happens to every request.
        looks: how often a preview is looked at before a movie is ready.
    """

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    always: Fault | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    looks: int = 2
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add(self, table: str, **facts: Any) -> Row:
        """A new row, with an id and a time."""
        there = self.rows.setdefault(table, {})
        row = {"id": str(uuid.uuid4()), "created_at": f"2026-11-21T20:00:{len(there):02d}", **facts}
        there[row["id"]] = row
        return row

    def all(self, table: str, **wanted: Any) -> list[Row]:
        """The rows that have these values."""
        rows = self.rows.get(table, {}).values()
        return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]

    def one(self, table: str, **wanted: Any) -> Row:
        """The row that has these values."""
        return self.all(table, **wanted)[0]


def filled() -> Kitsu:
    """A server with statuses and types as zou's, and three accounts."""
    kitsu = Kitsu()
    for short_name, name in STATUSES.items():
        kitsu.add("task-status", short_name=short_name, name=name)
    for name in ("Compositing", "Lighting", "Layout", "Modeling"):
        kitsu.add("task-types", name=name)
    for name in ("Character", "Prop"):
        kitsu.add("asset-types", name=name)
    person(kitsu, "Ada", "Admin", ADMIN, role="admin")
    person(kitsu, "Shot", "Mill", USER, role="manager")
    person(kitsu, "Maya", "May", ARTIST)
    return kitsu


def person(kitsu: Kitsu, first: str, last: str, email: str, **facts: Any) -> Row:
    """Somebody."""
    more = {"desktop_login": "", "is_bot": False, "role": "user", **facts}
    return kitsu.add("persons", first_name=first, last_name=last, full_name=f"{first} {last}", email=email, **more)


@contextmanager
def serving(kitsu: Kitsu) -> Iterator[str]:
    """The address of a server that answers with what it holds."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"kitsu": kitsu}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        kitsu.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    block_on_close = False  # who hangs is not waited for
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together, else each answer waits 40 ms for the client's system
    kitsu: Kitsu

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it so
        del format, args

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - http.server names them so

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.kitsu.lock:
            self.kitsu.asked.append(f"{self.command} {self.path}")
            fault = self.kitsu.faults.pop(len(self.kitsu.asked), self.kitsu.always)
            status, told = (0, None) if fault and not fault.done else self._carried_out(body)
        sent = b"" if status == 204 else json.dumps(told).encode()
        if fault and fault.hang_s:
            self.kitsu.over.wait(fault.hang_s)
        if fault is None or fault.slow:
            self._send(status, (("Content-Type", "application/json"),), sent)
            return
        if fault.status:
            self._send(fault.status, fault.headers, fault.body)
            return
        if fault.cut:
            self._send(status, (("Content-Type", "application/json"),), sent, length=len(sent) + 10)
        self.close_connection = True

    def _send(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes, *, length: int = -1) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length < 0 else length))
        self.end_headers()
        self.wfile.write(body)

    def _carried_out(self, body: bytes) -> Answer:
        parts = urlsplit(self.path)
        place = parts.path.replace("//", "/").strip("/")
        asked: dict[str, Any] = dict(parse_qsl(parts.query))
        if "multipart" in self.headers.get("Content-Type", ""):
            asked["upload"] = body
        elif body:
            asked |= json.loads(body)
        if place not in {"", "auth/login"} and not self._is_known(asked):
            return 401, {"msg": "Token has been revoked"}
        for method, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, place)
            if found and method == self.command:
                return answer(self.kitsu, asked, *found.groups())
        return _NOT_FOUND

    def _is_known(self, asked: dict[str, Any]) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        asked["token"] = token
        return token in self.kitsu.tokens


def _log_in(kitsu: Kitsu, asked: Row) -> Answer:
    if asked["email"] not in {ADMIN, USER} or asked["password"] != PASSWORD:
        return 400, {"login": False, "message": "Wrong email or password."}
    token = uuid.uuid4().hex
    kitsu.tokens[token] = asked["email"]
    return 200, {"login": True, "access_token": token, "refresh_token": token}


def _log_out(kitsu: Kitsu, asked: Row) -> Answer:
    del kitsu.tokens[asked["token"]]
    return 200, {"logout": True}


def _who(kitsu: Kitsu, asked: Row) -> Answer:
    return 200, {"authenticated": True, "user": kitsu.one("persons", email=kitsu.tokens[asked["token"]])}


def _rows(kitsu: Kitsu, asked: Row, table: str) -> Answer:
    wanted = {key: value for key, value in asked.items() if key != "token"}
    if "sequence_id" in wanted:
        wanted["parent_id"] = wanted.pop("sequence_id")
    rows = kitsu.all(table, **wanted)
    if table == "persons" and kitsu.one("persons", email=kitsu.tokens[asked["token"]])["role"] != "admin":
        rows = [{key: value for key, value in row.items() if key not in {"email", "created_at"}} for row in rows]
    return 200, rows


def _row(kitsu: Kitsu, _asked: Row, table: str, row_id: str) -> Answer:
    row = kitsu.rows.get(table, {}).get(row_id)
    if row is None:
        return _NOT_FOUND
    if table == "preview-files" and row["status"] == "processing" and row["original_name"]:
        row["looks"] += 1
        row["status"] = "ready" if row["looks"] >= kitsu.looks else "processing"
    if table == "comments":
        return 200, _with_previews(kitsu, row)
    return 200, row


def _open_projects(kitsu: Kitsu, _asked: Row) -> Answer:
    return 200, kitsu.all("projects", open=True)


def _of_project(kitsu: Kitsu, _asked: Row, project_id: str, table: str) -> Answer:
    if table == "comments":
        tasks = [task["id"] for task in kitsu.all("tasks", project_id=project_id)]
        return 200, [_with_previews(kitsu, row) for row in kitsu.all("comments") if row["object_id"] in tasks][::-1]
    return 200, kitsu.all(table, project_id=project_id)


def _with_previews(kitsu: Kitsu, comment: Row) -> Row:
    return {**comment, "previews": [row["id"] for row in kitsu.all("preview-files", comment_id=comment["id"])]}


def _tasks(kitsu: Kitsu, _asked: Row, _kind: str, entity_id: str) -> Answer:
    names = {kind["id"]: kind["name"] for kind in kitsu.all("task-types")}
    tasks = kitsu.all("tasks", entity_id=entity_id)
    return 200, [{**task, "task_type_name": names[task["task_type_id"]]} for task in tasks]


def _comments(kitsu: Kitsu, _asked: Row, task_id: str) -> Answer:
    there = kitsu.all("comments", object_id=task_id)
    told = [{**row, "previews": kitsu.all("preview-files", comment_id=row["id"])} for row in there]
    return 200, told[::-1]  # the newest first


def _comment(kitsu: Kitsu, asked: Row, task_id: str) -> Answer:
    task = kitsu.rows["tasks"].get(task_id)
    if task is None or asked["task_status_id"] not in kitsu.rows["task-status"]:
        return _NOT_FOUND
    author = asked.get("person_id") or kitsu.one("persons", email=kitsu.tokens[asked["token"]])["id"]
    facts = {"text": asked["comment"], "person_id": author, "task_status_id": asked["task_status_id"]}
    comment = kitsu.add("comments", object_id=task_id, **facts)
    task["task_status_id"] = asked["task_status_id"]
    tags = {tag.lower() for tag in re.findall("#([a-zA-Z]*)", asked["comment"])}
    names = {kind["id"]: kind["name"].lower() for kind in kitsu.all("task-types")}
    for other in kitsu.all("tasks", entity_id=task["entity_id"]):
        if other is not task and tags & {"all", names[other["task_type_id"]]}:
            kitsu.add("comments", object_id=other["id"], **facts)
    return 201, {**comment, "previews": []}


def _add_preview(kitsu: Kitsu, asked: Row, task_id: str, comment_id: str) -> Answer:
    if comment_id not in kitsu.rows.get("comments", {}):
        return _NOT_FOUND
    taken = {preview["revision"] for preview in kitsu.all("preview-files", task_id=task_id)}
    revision = asked.get("revision")
    if revision in taken:
        return 400, {"error": True, "message": f"Revision {revision} already exists for this task."}
    facts = {"task_id": task_id, "comment_id": comment_id, "status": "processing", "original_name": None, "looks": 0}
    return 201, kitsu.add("preview-files", revision=revision or max(taken, default=0) + 1, **facts)


def _remove_preview(kitsu: Kitsu, _asked: Row, _task_id: str, _comment_id: str, preview_id: str) -> Answer:
    return (204, None) if kitsu.rows["preview-files"].pop(preview_id, None) else _NOT_FOUND


def _upload(kitsu: Kitsu, asked: Row, preview_id: str) -> Answer:
    preview = kitsu.rows["preview-files"].get(preview_id)
    if preview is None:
        return _NOT_FOUND
    if preview["original_name"]:
        return 400, {"message": "The browser (or proxy) sent a request that this server could not understand."}
    head, _, content = asked["upload"].partition(b"\r\n\r\n")
    found = re.search(rb'filename="([^"]+)\.(\w+)"', head)
    name, extension = (part.decode() for part in found.groups()) if found else ("", "")
    if extension in MOVIES:
        preview |= {"extension": "mp4", "status": "processing" if b"ftyp" in content[:64] else "broken"}
    elif content.startswith(PNG):
        preview |= {"extension": "png", "status": "ready"}
    else:
        return 400, {"error": True, "message": "Uploaded file is not a readable picture."}
    preview["original_name"] = name
    return 201, preview


def _main_preview(kitsu: Kitsu, _asked: Row, preview_id: str) -> Answer:
    task = kitsu.rows["tasks"][kitsu.rows["preview-files"][preview_id]["task_id"]]
    entities = {**kitsu.rows.get("shots", {}), **kitsu.rows.get("assets", {}), **kitsu.rows.get("sequences", {})}
    entities[task["entity_id"]]["preview_file_id"] = preview_id
    return 200, entities[task["entity_id"]]


_ID = "([0-9a-f-]{36})"
ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", "", lambda _kitsu, _asked: (200, {"api": "Zou", "version": "1.0.97"})),
    ("POST", "auth/login", _log_in),
    ("GET", "auth/logout", _log_out),
    ("GET", "auth/authenticated", _who),
    ("GET", "data/projects/open", _open_projects),
    ("GET", f"data/projects/{_ID}/(episodes|sequences|shots|assets|tasks|comments)", _of_project),
    ("GET", f"data/(shots|assets|sequences)/{_ID}/tasks", _tasks),
    ("GET", f"data/tasks/{_ID}/comments", _comments),
    ("GET", "data/(task-status|task-types|asset-types|persons|sequences)", _rows),
    ("GET", "data/(shots|assets)/all", _rows),
    ("GET", f"data/(tasks|comments|preview-files|shots|assets|sequences)/{_ID}", _row),
    ("POST", f"actions/tasks/{_ID}/comment", _comment),
    ("POST", f"actions/tasks/{_ID}/comments/{_ID}/add-preview", _add_preview),
    ("DELETE", f"actions/tasks/{_ID}/comments/{_ID}/preview-files/{_ID}", _remove_preview),
    ("POST", f"pictures/preview-files/{_ID}", _upload),
    ("PUT", f"actions/preview-files/{_ID}/set-main-preview", _main_preview),
)
