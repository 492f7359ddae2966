"""Slack's Web API through ``slack_sdk``, as far as messages need it; the only file that knows that library."""

from __future__ import annotations

import io
import json
import logging
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException
from typing import Any, cast
from urllib.error import HTTPError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from ..outbox.answers import whole
from .faults import Server, failed_how, wait_asked

EVENT = "shotmill_told"
PAGE = 200
OK, REDIRECTS, REFUSALS, TOO_MANY, SERVER_ERRORS = 200, 300, 400, 429, 500
# What may pass by itself; all but the first may have happened all the same.
BUSY = frozenset({"ratelimited", "rate_limited"})
PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
BAD_TOKEN = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"})
NO_CHANNEL = frozenset({"channel_not_found", "is_archived", "not_in_channel", "no_permission", "restricted_action"})


class SlackCalls:
    """One method for each thing that we ask of Slack; all errors are ours.

    Args:
        server: how messages name it.
        token: of the bot.
        url: of the API.
        timeout_s: of one call.
    """

    def __init__(self, server: Server, token: str, *, url: str, timeout_s: float) -> None:
        self._server = server
        quiet = logging.getLogger(f"{__name__}.client")
        quiet.setLevel(logging.CRITICAL + 1)  # what fails is raised, once
        # No handler tries again behind our back: a second post would be a second message.
        self._client = _Client(
            token,
            base_url=url,
            timeout=cast("int", timeout_s),  # it goes to urlopen, which takes parts of a second
            retry_handlers=[],
            logger=quiet,
        )

    def who(self) -> dict[str, Any]:
        """Who we are there."""
        return self._ask(self._client.auth_test)

    def channel(self, channel_id: str) -> dict[str, Any]:
        """What Slack knows of a channel."""
        answer = self._ask(lambda: self._client.conversations_info(channel=channel_id))
        return _object(answer.get("channel"))

    def channel_id(self, name: str) -> str | None:
        """The id of a channel that we may see; None: there is none of this name."""
        for answer in self._pages(
            lambda cursor: self._client.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, limit=1000, cursor=cursor
            )
        ):
            for channel in _objects(answer.get("channels")):
                if channel.get("name") == name:
                    return str(channel["id"])
        return None

    def post(self, channel: str, text: str, blocks: list[dict[str, Any]], *, mark: str, thread: str | None) -> str:
        """Post a message that carries a mark; its ``ts``."""
        answer = self._ask(
            lambda: self._client.chat_postMessage(
                channel=channel,
                text=text,
                blocks=blocks,
                thread_ts=thread,
                metadata=_marked(mark),
                mrkdwn=False,
                link_names=False,
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return self._text(answer, "ts")

    def update(self, channel: str, ts: str, text: str, blocks: list[dict[str, Any]], *, mark: str) -> None:
        """Change what a message says."""
        self._ask(
            lambda: self._client.chat_update(
                channel=channel, ts=ts, text=text, blocks=blocks, metadata=_marked(mark), link_names=False, parse="none"
            )
        )

    def find(self, channel: str, mark: str, *, picture: str, since_s: float, thread: str | None) -> str | None:
        """The ``ts`` of the message with a mark, in a thread or among the messages of the channel.

        Args:
            channel: id of the channel.
            mark: as it was posted.
            picture: what the name of its picture holds, if it was posted with one.
            since_s: no older messages are looked at; seconds since 1970.
            thread: ``ts`` of its first message; None: look among the messages of the channel.
        """
        given: dict[str, Any] = {"channel": channel, "limit": PAGE, "include_all_metadata": True}
        given["oldest"] = f"{since_s:.6f}"

        def page(cursor: str | None) -> SlackResponse:
            if thread is None:
                return self._client.conversations_history(**given, cursor=cursor)
            return self._client.conversations_replies(**given, ts=thread, cursor=cursor)

        for answer in self._pages(page):
            for message in _objects(answer.get("messages")):
                if _mark_of(message) == mark or any(
                    picture in str(file.get("name")) for file in _objects(message.get("files"))
                ):
                    return str(message["ts"])
        return None

    def place_for(self, name: str, length: int) -> tuple[str, str]:
        """Where a file's content goes, and the id of the file."""
        answer = self._ask(lambda: self._client.files_getUploadURLExternal(filename=name, length=length))
        return self._text(answer, "upload_url"), self._text(answer, "file_id")

    def send(self, url: str, content: bytes) -> None:
        """Send a file's content; nobody sees it yet."""
        with self._ours():
            # The library's own step of an upload; it has no public name.
            done = self._client._upload_file(  # noqa: SLF001 - as said
                url=url,
                data=content,
                logger=self._client.logger,
                timeout=self._client.timeout,
                proxy=self._client.proxy,
                ssl=self._client.ssl,
            )
        if done.status != OK or done.body.lstrip().startswith("<"):  # a page of somebody on the way
            raise self._server.unreachable(f"took no picture (status {done.status})")

    def show(self, file_id: str, title: str, blocks: list[dict[str, Any]], *, channel: str, thread: str | None) -> None:
        """Show a file in a channel or thread; Slack lets this be asked once for each file."""
        self._ask(
            lambda: self._client.files_completeUploadExternal(
                files=[{"id": file_id, "title": title}],
                channel_id=channel,
                thread_ts=thread,
                blocks=json.dumps(blocks),
            )
        )

    def shown(self, file_id: str, channel: str) -> str | None:
        """The ``ts`` of the message that shows a file in a channel; None: it is not shown there yet.

        Raises:
            TargetRefusedError: with ``file_not_found``: it was never asked to be shown.
        """
        answer = self._ask(lambda: self._client.files_info(file=file_id))
        for shares in _object(_object(answer.get("file")).get("shares")).values():
            for share in _objects(_object(shares).get(channel)):
                return str(share["ts"])
        return None

    def _pages(self, page: Callable[[str | None], SlackResponse]) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            answer = self._ask(partial(page, cursor))
            yield answer
            cursor = str(_object(answer.get("response_metadata")).get("next_cursor") or "") or None
            if cursor is None:
                return

    def _ask(self, call: Callable[[], SlackResponse]) -> dict[str, Any]:
        with self._ours():
            return _object(call().data)

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """Turn the library's errors into ours."""
        try:
            yield
        except SlackApiError as error:
            raise self._translated(error.response) from None  # the library's error holds the whole answer
        except (OSError, HTTPException, ValueError, AttributeError, TypeError, SlackClientError) as error:
            status = getattr(error, "code", None)
            if isinstance(status, int):  # an HTTPError of the upload's own server
                raise self._by_status(status, dict(getattr(error, "headers", None) or {})) from None
            raise self._server.unreachable(failed_how(error)) from None

    def _translated(self, answer: Any) -> Exception:
        """What Slack's answer means to us."""
        status = int(answer.status_code)
        headers = {str(name): str(value) for name, value in dict(answer.headers).items()}
        said = answer.data if isinstance(answer.data, dict) else {}
        error = str(said.get("error") or "")
        if status == TOO_MANY or error in BUSY:
            return self._server.busy(wait_asked(headers))
        if status >= SERVER_ERRORS or not error or " " in error:  # no word of Slack's has blanks: the client speaks
            return self._by_status(status, headers)
        if error in PASSING:
            return self._server.unreachable(f"says {error}")
        return self._server.refused(f"says {error}", hint=self._hint(error, said), error=error)

    def _by_status(self, status: int, headers: dict[str, str]) -> Exception:
        if status == TOO_MANY:
            return self._server.busy(wait_asked(headers))
        if REDIRECTS <= status < REFUSALS:
            hint = f"mend 'url' in [{self._server.target}] of the targets file"
            return self._server.refused("sends us elsewhere", hint=hint, error=str(status))
        return self._server.unreachable(f"did not answer as Slack does (status {status})")

    def _hint(self, error: str, said: dict[str, Any]) -> str:
        section = f"[{self._server.target}] of the targets file"
        if error in BAD_TOKEN:
            return f"put the bot token of your Slack app where 'token' of {section} points to"
        if error in NO_CHANNEL:
            return f"invite the app's bot to the channel, or mend the channel in {section}"
        if error == "missing_scope":
            return (
                f"add {self._server.said(str(said.get('needed')))} to the scopes of the Slack app, and install it again"
            )
        return f"see https://api.slack.com/methods for {self._server.said(error)}; then shotmill outbox retry"

    def _text(self, answer: dict[str, Any], key: str) -> str:
        found = answer.get(key)
        if not isinstance(found, str) or not found:
            raise self._server.unreachable(f"did not answer whole (no {key})")
        return found


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token would go along."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        """Nowhere."""


class _Client(WebClient):
    """The client, which stays at its server and reads no answer without end."""

    def _perform_urllib_http_request_internal(self, url: str, req: urllib.request.Request) -> dict[str, Any]:
        handlers: list[Any] = [_Stay(), urllib.request.HTTPSHandler(context=self.ssl)]
        if self.proxy:
            handlers.append(urllib.request.ProxyHandler({"http": self.proxy, "https": self.proxy}))
        try:
            with urllib.request.build_opener(*handlers).open(req, timeout=self.timeout) as answer:
                body = whole(answer).decode(errors="replace")
                return {"status": answer.status, "headers": answer.headers, "body": body}
        except HTTPError as error:
            with error:
                said = io.BytesIO(whole(error))
            raise HTTPError(url, error.code, error.msg, error.headers, said) from None


def _marked(mark: str) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {"id": mark}}


def _mark_of(message: dict[str, Any]) -> str | None:
    metadata = _object(message.get("metadata"))
    if metadata.get("event_type") != EVENT:
        return None
    return str(_object(metadata.get("event_payload")).get("id"))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
