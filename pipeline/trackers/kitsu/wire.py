"""The way to a Kitsu server: one session, and every failure as one of ours.

gazu waits for ever, logs what servers answer, and knows nothing of servers that ask to wait: its requests go through an
adapter of ours. The client is always given: gazu's own default one is never used.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import gazu
import requests
from gazu import exception as gazu_errors
from requests.adapters import HTTPAdapter

from ....schema.errors import ShotmillError, TargetBusyError, TargetRefusedError, TargetUnreachableError
from ...outbox.answers import hold

T = TypeVar("T")
# It logs answers that it cannot read, and tokens with them. A filter stays when a server of this process, such as the
# board's, sets logging up; `disabled` does not.
logging.getLogger("gazu").addFilter(lambda _record: False)

BUSY = 429
SERVER_ERROR = 500
UNAVAILABLE = 503
SHOWN = 300  # characters of an answer that a message repeats
_TO_MEND = "shotmill outbox retry, once that is mended"


@dataclass(frozen=True)
class Account:
    """Who we are at a Kitsu server: a user with a password, or a bot with a token."""

    user: str
    password: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True)
class Patience:
    """Seconds that a server may stay silent: after most requests, and after one that brings a picture or movie."""

    timeout_s: float
    preview_timeout_s: float


class Wire:
    """A session at a Kitsu server. It begins with the first call, and again when the server has ended it."""

    def __init__(self, name: str, server: str, account: Account, patience: Patience) -> None:
        self.name = name
        self.server = server
        self.patience = patience
        self._account = account
        self._server = server
        self._begun = bool(account.token)
        self._logging_in = False
        self._client = gazu.client.create_client(
            server, callback_not_authenticated=self._again, access_token=account.token or None
        )
        session = self._client.session
        session.auth = _as_it_is  # requests would else put a password of ~/.netrc in place of the token
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter(name, server, patience))

    def ask(self, doing: str, function: Callable[..., T], *given: Any, **more: Any) -> T:
        """Call one of gazu's functions with our client.

        Args:
            doing: what for, as in "Kitsu does not let us ...".
            function: takes a ``client``.
            given: what else it takes.
            more: same, by name.

        Raises:
            TargetUnreachableError, TargetBusyError, TargetRefusedError: as of ``Target``.
        """
        try:
            if not self._begun:
                self._log_in()
            return function(*given, client=self._client, **more)
        except requests.RequestException as error:
            raise self._unreachable(error) from error
        except gazu_errors.GazuException as error:
            raise self._refused(doing, error) from error
        except (AttributeError, LookupError, TypeError) as error:  # gazu reads answers as if they were what it expects
            raise TargetUnreachableError(
                f"{self.name}: {self._server} answered what Kitsu never does when it was asked to {doing}",
                hint="is it Kitsu's server?",
                target=self.name,
            ) from error
        except OSError as error:  # of a file of ours; those of the network are RequestExceptions
            raise TargetRefusedError(
                f"{self.name}: cannot {doing}: {error.strerror}: {error.filename}", hint=_TO_MEND, target=self.name
            ) from error

    def look(self, doing: str, function: Callable[..., T], *given: Any, **more: Any) -> T | None:
        """As ``ask``; None: the server has no such thing."""

        def asked(**client: Any) -> T | None:
            with contextlib.suppress(gazu_errors.RouteNotFoundException):
                return function(*given, **client, **more)
            return None

        return self.ask(doing, asked)

    def close(self) -> None:
        """Let go of the connections; the session ends by itself."""
        self._client.session.close()

    def _log_in(self) -> None:
        self._logging_in = True
        try:
            account = {"email": self._account.user, "password": self._account.password}
            tokens = gazu.client.post("auth/login", account, client=self._client)
        except (gazu_errors.ParameterException, gazu_errors.NotAuthenticatedException) as error:
            raise gazu_errors.AuthFailedException(*error.args[1:]) from error
        finally:
            self._logging_in = False
        gazu.client.set_tokens(tokens, client=self._client)
        self._begun = True

    def _again(self, _client: object, _path: str) -> bool:
        """Log in again: the server has ended the session; gazu then repeats the request."""
        if self._logging_in or not self._account.password:
            return False
        self._log_in()
        return True

    def _unreachable(self, error: requests.RequestException) -> TargetUnreachableError:
        if isinstance(error, requests.Timeout):
            what = "did not answer in time"
        elif isinstance(error, requests.exceptions.SSLError):
            what = "has a certificate that is not trusted here"
        elif isinstance(error, requests.exceptions.JSONDecodeError):
            what = "answered with something else than its API does"
        else:
            what = f"did not answer, or not whole ({type(error).__name__})"
        return TargetUnreachableError(
            f"{self.name}: Kitsu at {self.server} {what}", hint="it is tried again by itself", target=self.name
        )

    def _refused(self, doing: str, error: gazu_errors.GazuException) -> ShotmillError:
        said = _said(error)
        hint = _TO_MEND
        if isinstance(error, gazu_errors.AuthFailedException):
            what = f"does not let {self._account.user} in{said}"
            hint = f"check user and password of [{self.name}] in the targets file"
        elif isinstance(error, gazu_errors.NotAuthenticatedException):
            what = (
                "does not take the token"
                if not self._account.password
                else f"ends the session of {self._account.user} at once"
            )
            hint = f"make a new token in Kitsu for [{self.name}] in the targets file"
        elif isinstance(error, gazu_errors.NotAllowedException):
            what = f"does not let {self._account.user or 'this bot'} {doing}"
            hint = "put it into the project's team, with a role that may do so"
        elif isinstance(error, gazu_errors.RouteNotFoundException | gazu_errors.MethodNotAllowedException):
            what = f"knows no such place, asked to {doing}"
            hint = f"check that server of [{self.name}] ends as its API does, usually in /api"
        elif isinstance(error, gazu_errors.TooBigFileException):
            what = f"has a web server before it that refuses so large a file, asked to {doing}"
            hint = "raise client_max_body_size of its nginx"
        else:
            what = f"refused to {doing}{said}"
        return TargetRefusedError(f"{self.name}: Kitsu at {self.server} {what}", hint=hint, target=self.name)


class _Adapter(HTTPAdapter):
    """Sends requests with a time limit, and reads of the answers what gazu does not."""

    def __init__(self, name: str, server: str, patience: Patience) -> None:
        self._name = name
        self._server = server
        self._patience = patience
        super().__init__()

    def send(self, request: requests.PreparedRequest, *given: Any, **more: Any) -> requests.Response:
        """The answer, if it is one of an API that has the time."""
        brings_preview = request.method == "POST" and "/pictures/preview-files/" in (request.url or "")
        read_s = self._patience.preview_timeout_s if brings_preview else self._patience.timeout_s
        more["timeout"] = (self._patience.timeout_s, read_s)
        answer = super().send(request, *given, **more)
        try:
            hold(answer)
            self._refuse_unfit(answer)
        except BaseException:
            answer.close()
            raise
        return answer

    def _refuse_unfit(self, answer: requests.Response) -> None:
        who = f"{self._name}: Kitsu at {self._server}"
        wait_s = _seconds(answer.headers.get("Retry-After"))
        if answer.status_code == BUSY or (answer.status_code == UNAVAILABLE and wait_s is not None):
            raise TargetBusyError(f"{who} asks to wait", wait_s=wait_s, target=self._name)
        if answer.status_code >= SERVER_ERROR:
            raise TargetUnreachableError(
                f"{who} answered {answer.status_code}{_message(answer)}",
                hint="it is tried again by itself",
                target=self._name,
            )
        if answer.is_redirect:
            raise TargetRefusedError(
                f"{who} says that it is at {answer.headers['Location'][:SHOWN]}",
                hint=f"write that as server of [{self._name}] in the targets file",
                target=self._name,
            )
        if answer.ok and "html" in answer.headers.get("Content-Type", "") and answer.content:
            raise TargetUnreachableError(
                f"{who} answered with a page for people",
                hint=f"check that server of [{self._name}] ends as its API does, usually in /api",
                target=self._name,
            )


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _seconds(header: str | None) -> float | None:
    """What a Retry-After header means: seconds, or a date."""
    if header is None:
        return None
    with contextlib.suppress(ValueError):
        return max(0.0, float(header))
    with contextlib.suppress(ValueError):
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    return None


def _message(answer: requests.Response) -> str:
    with contextlib.suppress(ValueError, requests.RequestException):
        told = answer.json()
        if isinstance(told, dict) and isinstance(told.get("message"), str):
            return f": {told['message'][:SHOWN]}"
    return ""


def _said(error: gazu_errors.GazuException) -> str:
    """The server's own words; gazu puts them behind the path that was asked."""
    words = [str(part) for part in error.args if part]
    return f": {words[-1][:SHOWN]}" if words else ""


def pause(seconds: float) -> None:
    """Wait a moment before the same is asked again."""
    time.sleep(seconds)
