"""ftrack's client, with its pitfalls closed: the one file that imports ``ftrack_api``.

Nothing is read from the environment, nothing is kept on the disk, no event hub is connected, every call has a time
limit, and whatever goes wrong is one of our three errors.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ftrack_api
import ftrack_api.exception
import requests

from ....schema.errors import ShotmillError, TargetBusyError, TargetRefusedError, TargetUnreachableError
from ...outbox.answers import hold

TOO_MANY = 429
UNAVAILABLE = 503
TIMED_OUT = 408
FIRST_ERROR = 400
FIRST_SERVER_ERROR = 500
MAX_SHOWN = 400  # of what a server says, in a message
# What ftrack reports of itself when it is not well; whatever else it reports, it would report again.
PASSING = ("OperationalError", "TimeoutError", "InterfaceError", "DisconnectionError", "unexpected format")
# The client logs whole answers as errors, before it raises them; ours say what went wrong.
logging.getLogger("ftrack_api").setLevel(logging.CRITICAL)


class ClientSession(ftrack_api.Session):  # type: ignore[misc]  # ftrack_api has no types
    """A session with one server that looks at each answer before the client does.

    Raises:
        TargetUnreachableError, TargetBusyError, TargetRefusedError: see ``as_ours``.
    """

    def __init__(self, server: str, user: str, key: str, timeout_s: float) -> None:
        options: dict[str, Any] = {
            "server_url": server,
            "api_user": user,
            "api_key": key,
            "timeout": timeout_s,
            "auto_populate": False,  # what is not asked for is not fetched behind our back
            "auto_connect_event_hub": False,
            "schema_cache_path": False,
            "plugin_paths": [],
        }
        try:
            super().__init__(**options)
        except BaseException:
            if self._managed_request is not None:
                self._managed_request.close()
            raise

    def call(self, data: Any) -> Any:
        """Ask the server; the constructor does, too."""
        self._request.hooks["response"] = [look_at]
        return super().call(data)


def look_at(response: requests.Response, **_arguments: Any) -> None:
    """See what an answer's status means, which the client does not say.

    Raises:
        TargetBusyError: it asks to wait.
        TargetUnreachableError: it is not well.
        TargetRefusedError: it has no such address, does not let us in, or sends us elsewhere.
    """
    hold(response)
    problem = _problem(response)
    if problem is not None:
        response.close()  # nobody else will: the client never sees it
        raise problem


def _problem(response: requests.Response) -> ShotmillError | None:
    status = response.status_code
    if response.is_redirect:  # the client would follow, and take the key along
        elsewhere = response.headers["Location"].partition("?")[0]
        return TargetRefusedError(
            f"ftrack sends us to {elsewhere[:MAX_SHOWN]}",
            hint="if it lives there now, mend 'server' in the targets file",
        )
    if status == TOO_MANY or (status == UNAVAILABLE and "Retry-After" in response.headers):
        return TargetBusyError(f"ftrack asks to wait (HTTP {status})", wait_s=_wait_s(response))
    if status < FIRST_ERROR or _is_report(response):
        return None  # the client reads it
    if status >= FIRST_SERVER_ERROR or status == TIMED_OUT:
        return TargetUnreachableError(f"ftrack is not well (HTTP {status})")
    return TargetRefusedError(f"ftrack said no (HTTP {status})", hint="check 'server' in the targets file")


def _wait_s(response: requests.Response) -> float | None:
    asked = response.headers.get("Retry-After", "")
    return float(asked) if asked.isascii() and asked.isdigit() else None


def _is_report(response: requests.Response) -> bool:
    """Whether this is an error as ftrack itself words it."""
    try:
        found = json.loads(response.content)
    except ValueError:
        return False
    return isinstance(found, dict) and "exception" in found


@contextmanager
def as_ours(server: str, key: str) -> Iterator[None]:
    """Turn what the client raises into what a target may raise.

    Args:
        server: its address, for the message.
        key: the secret, which is kept out of the message.
    """
    try:
        yield
    except ShotmillError:
        raise
    except requests.exceptions.Timeout as error:
        raise TargetUnreachableError(f"{server} did not answer in time") from error
    except requests.exceptions.SSLError as error:
        raise TargetRefusedError(f"{server} has a certificate that is not trusted") from error
    except requests.exceptions.RequestException as error:
        raise TargetUnreachableError(f"{server} cannot be reached ({type(error).__name__})") from error
    except ftrack_api.exception.Error as error:
        raise _as_said(server, _words(error).replace(key, "***")) from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise TargetUnreachableError(f"{server} gave half an answer, or none of ftrack's") from error


def _words(error: ftrack_api.exception.Error) -> str:
    """What an error says; the client takes braces in the server's own words for places to fill, and stumbles."""
    try:
        return str(error)
    except (LookupError, ValueError, AttributeError):
        return str(error.message)


def _as_said(server: str, said: str) -> ShotmillError:
    """An error that the server itself reports."""
    text = said.removeprefix("Server reported error: ")
    if any(word in said for word in PASSING):
        return TargetUnreachableError(f"{server} is not well: {text[:MAX_SHOWN]}")
    return TargetRefusedError(f"{server} said no: {text[:MAX_SHOWN]}")
