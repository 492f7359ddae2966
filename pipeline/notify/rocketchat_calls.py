"""Rocket.Chat's REST API through ``rocketchat_API``, as far as messages need it; the only file that knows that library.

Its answers hide their headers, and its GET calls put values into URLs as they are: both are mended here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any, cast
from urllib.parse import quote

import requests
from rocketchat_API.APIExceptions.RocketExceptions import RocketApiException, RocketBadStatusCodeException
from rocketchat_API.rocketchat import RocketChat

from ...schema.errors import TargetRefusedError
from ..outbox.answers import hold
from .faults import Server, failed_how, wait_asked
from .pictures import Picture

UNKNOWN, UNAUTHORISED, FORBIDDEN, MISSING, TOO_MANY, SERVER_ERRORS = 400, 401, 403, 404, 429, 500
WAIT = re.compile(r"wait (\d+) seconds")  # its rate limiter says so in words, without Retry-After
TAG = re.compile(r"\[([a-zA-Z-]+)\]\s*$")  # its errors end so


class RocketChatCalls:
    """One method for each thing that we ask of Rocket.Chat; all errors are ours.

    Args:
        server: how messages name it.
        user_id: of our user there.
        token: a personal access token of it.
        url: of the server.
        timeout_s: of one call.
    """

    def __init__(self, server: Server, *, user_id: str, token: str, url: str, timeout_s: float) -> None:
        self._server = server
        self._headers: dict[str, str] = {}
        self._session = requests.Session()
        self._session.max_redirects = 0  # the token goes to no other server
        self._session.hooks["response"].append(self._remember)
        self._client = RocketChat(
            user_id=user_id,
            auth_token=token,
            server_url=url.rstrip("/"),
            timeout=cast("int", timeout_s),  # requests takes parts of a second
            session=self._session,
        )

    def who(self) -> str:
        """What our user is called."""
        return str(self._ask(self._client.me).get("username") or "?")

    def room_id(self, name: str) -> str:
        """The id of a room, by its name or id."""
        try:
            found = self._ask(lambda: self._client.rooms_info(room_name=quote(name, safe="")))
        except TargetRefusedError as error:
            if error.fields.get("error") != "error-room-not-found":
                raise
            found = self._ask(lambda: self._client.rooms_info(room_id=quote(name, safe="")))
        return self._id(found.get("room"))

    def has(self, message_id: str) -> bool:
        """Whether there is such a message."""
        with self._ours():
            try:
                answer = self._client.chat_get_message(message_id)
            except RocketApiException as error:
                # Of a message that is not there it says "no" and nothing else.
                if error.status_code == UNKNOWN and not error.response_json.get("error"):
                    return False
                raise
        if not isinstance(answer, dict):
            raise self._server.unreachable("did not answer as Rocket.Chat does")
        return bool(_object(answer.get("message")).get("_id"))

    def send(self, room: str, message_id: str, text: str, *, thread: str | None) -> None:
        """Post a message under an id of ours."""
        message = {"_id": message_id, "rid": room, "msg": text, **({"tmid": thread} if thread else {})}
        self._id(self._ask(lambda: self._client.chat_send_message(message)).get("message"))

    def update(self, room: str, message_id: str, text: str) -> None:
        """Change what a message says."""
        self._ask(lambda: self._client.chat_update(room, message_id, text))

    def upload(self, room: str, picture: Picture) -> str:
        """Send a file; nobody sees it yet, and it is gone after a day unless it is shown. Its id."""
        file = (picture.name, picture.content, picture.kind)
        return self._id(self._ask(lambda: self._client.rooms_media(room, file)).get("file"))

    def show(self, room: str, file_id: str, text: str, *, thread: str | None) -> str | None:
        """Post a message with a file; its id, if the server says it."""
        given = {"msg": text, **({"tmid": thread} if thread else {})}
        place = f"rooms.mediaConfirm/{quote(room, safe='')}/{quote(file_id, safe='')}"
        answer = self._ask(lambda: self._client.call_api_post(place, body=given))
        return str(_object(answer.get("message")).get("_id") or "") or None

    def shown(self, room: str, mark: str, *, since: str) -> str | None:
        """The id of the message that shows a file with a mark in its name, of those that changed since a moment.

        Args:
            room: id of the room.
            mark: what the file's name holds.
            since: ISO 8601, in UTC.
        """
        found = self._ask(lambda: self._client.chat_sync_messages(quote(room, safe=""), since))
        changed = _object(found.get("result")).get("updated")
        for message in changed if isinstance(changed, list) else []:
            files = [_object(message).get("file"), *(_object(message).get("files") or [])]
            if any(mark in str(_object(file).get("name")) for file in files):
                return self._id(message)
        return None

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _remember(self, answer: requests.Response, *_args: object, **_options: object) -> None:
        self._headers = dict(answer.headers)
        hold(answer)

    def _ask(self, call: Callable[[], Any]) -> dict[str, Any]:
        with self._ours():
            answer = call()
        if not isinstance(answer, dict) or answer.get("success") is False:
            raise self._server.unreachable("did not answer as Rocket.Chat does")
        return answer

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """Turn the libraries' errors into ours."""
        self._headers = {}
        try:
            yield
        except RocketApiException as error:
            raise self._translated(error.status_code, str(error.error), str(error.error_type or "")) from None
        except RocketBadStatusCodeException as error:
            raise self._translated(error.status_code, "", "") from None
        except requests.TooManyRedirects:
            raise self._server.refused("sends us elsewhere", hint=f"mend 'url' {self._of_section}") from None
        except (requests.RequestException, HTTPException, OSError, ValueError, AttributeError, TypeError) as error:
            raise self._server.unreachable(_failed_how(error)) from None

    @property
    def _of_section(self) -> str:
        return f"in [{self._server.target}] of the targets file"

    def _translated(self, status: int, said: str, kind: str) -> Exception:
        """What an answer that is no success means to us."""
        tagged = TAG.search(said)
        error = kind or (tagged[1] if tagged else "")
        if status == TOO_MANY or error == "error-too-many-requests":
            asked = wait_asked(self._headers)
            words = WAIT.search(said)
            return self._server.busy(float(words[1]) if asked is None and words else asked)
        if status == UNAUTHORISED:
            hint = f"put a personal access token where 'token' {self._of_section} points to, and mend 'user_id'"
            return self._server.refused("does not know our user or token", hint=hint, error=error or "unauthorised")
        if status == MISSING:
            hint = f"mend 'url' {self._of_section}, or upgrade the server"
            return self._server.refused("has no such method (404)", hint=hint, error=str(MISSING))
        if status >= SERVER_ERRORS or not (said or error):
            return self._server.unreachable(f"did not answer as Rocket.Chat does (status {status})")
        return self._server.refused(f"says {said or error}", hint=self._hint(error, status), error=error or str(status))

    def _hint(self, error: str, status: int) -> str:
        if status == FORBIDDEN or error in {"error-room-not-found", "error-not-allowed", "not-allowed", "Not Allowed"}:
            return f"invite our user to the room, or mend the channel {self._of_section}"
        if error.startswith("error-message-editing") or error == "error-action-not-allowed":
            return "give the role of our user the permission bypass-time-limit-edit-and-delete"
        return "see the server's own log; then shotmill outbox retry"

    def _id(self, thing: Any) -> str:
        found = _object(thing).get("_id")
        if not isinstance(found, str) or not found:
            raise self._server.unreachable("did not answer whole (no _id)")
        return found


def _failed_how(error: BaseException) -> str:
    if isinstance(error, requests.Timeout):
        return "did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached, or hung up"
    return failed_how(error)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
