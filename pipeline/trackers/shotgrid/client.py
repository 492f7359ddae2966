"""The client of ShotGrid, ``shotgun_api3``, held to one try and one time limit; its errors as ours.

What it does by itself, and what is done about it here:

- Its HTTP library sends a request once more when the connection ends without an answer. If the first one had made a
  Version there are two: ``_Once`` sends each request once. Redirects are not followed, they would carry the key along.
- It asks three times after a 502, a 504 and any error of an upload, and forgets which: ``MAX_ATTEMPTS`` is one, and
  ``_Uploads`` names the error itself.
- Uploads know no time limit, take proxies from the environment, and leave the file open: ``_Uploads`` again.
- It takes a page of HTML with status 200 for an answer: ``_decode_response`` does not.
- At debug level it logs all it sends, the key included: ``_no_bodies``.
- Its constructor calls the server: not with ``connect=False``.

``SHOTGUN_API_CACERTS`` is honoured, since all programs of a studio that use this client do.
"""

from __future__ import annotations

import http.client
import io
import logging
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

import shotgun_api3
from shotgun_api3.lib import httplib2

from ....schema.errors import (
    ConfigError,
    ShotmillError,
    TargetBusyError,
    TargetRefusedError,
    TargetUnreachableError,
)
from ...outbox.answers import unpacked, whole
from .section import ShotGridSection
from .site import Site

MAX_WORDS = 300
SIGNED = re.compile(r"(https?://[^\s?]+)\?\S*")  # an address and what signs it
# What is overridden: were one of these gone from a later client, a request might be sent twice.
HOOKS = ("_build_opener", "_decode_response", "_get_certs_file", "_get_connection", "BACKOFF", "MAX_ATTEMPTS")
# What the client raises when an answer is cut off, or has a form that it does not expect.
MISREAD = (http.client.HTTPException, AttributeError, IndexError, KeyError, TypeError, ValueError)


def connect(section: ShotGridSection, key: str, timeout_s: float) -> Site:
    """The site of a section; nothing is asked of it yet.

    Raises:
        ConfigError: the client does not take these settings, or is one that is not known here.
    """
    if not all(hasattr(shotgun_api3.Shotgun, name) for name in HOOKS) or not hasattr(httplib2.Http, "_conn_request"):
        raise ConfigError(
            f"shotgun_api3 {shotgun_api3.__version__} cannot be held to one try", hint="pip install 'shotgun_api3<3.11'"
        )
    try:
        client = _Client(section, key, timeout_s)
    except (OSError, ValueError) as error:
        where = f" (certificates: {section.ca_certs})" if section.ca_certs else ""
        raise ConfigError(
            f"the client of ShotGrid does not take these settings: {error}{where}", hint="mend the targets file"
        ) from error
    return Site(client, section.server, Translator(section.server, key))


def _no_bodies(record: logging.LogRecord) -> bool:
    """Whether a line of the client's log may be written: at debug level they hold the key."""
    return record.levelno >= logging.WARNING


class _Once(httplib2.Http):
    """An HTTP connection that sends each request once.

    Args:
        timeout_s: how long it waits for a connection and for each piece of an answer.
        certificates: file of those to trust.
        proxy: where to go through.
    """

    def __init__(self, timeout_s: float | None, certificates: str, proxy: httplib2.ProxyInfo | None) -> None:
        httplib2.Http.__init__(self, timeout=timeout_s, ca_certs=certificates, proxy_info=proxy)
        self.follow_redirects = False

    def _conn_request(
        self, conn: Any, request_uri: str, method: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Any, bytes]:
        try:
            if conn.sock is None:
                conn.connect()
            conn.request(method, request_uri, body, headers)
            answer = conn.getresponse()
            content = whole(answer)
        except BaseException:
            conn.close()
            raise
        response = httplib2.Response(answer)
        if response.get("content-encoding") in {"gzip", "deflate"}:
            content = unpacked(content)
            response["-content-encoding"] = response.pop("content-encoding")  # where the base class keeps it
        return response, content


class _Client(shotgun_api3.Shotgun):
    """The client, held to one try and one time limit for each request."""

    MAX_ATTEMPTS = 1
    BACKOFF = 0.0

    def __init__(self, section: ShotGridSection, key: str, timeout_s: float) -> None:
        logging.getLogger("shotgun_api3").addFilter(_no_bodies)
        self._certificates: str = shotgun_api3.Shotgun._get_certs_file(section.ca_certs)  # noqa: SLF001 - to hand on
        is_open = section.server.startswith("http://")
        self._trusted = None if is_open else ssl.create_default_context(cafile=self._certificates)
        super().__init__(
            section.server,
            script_name=section.script,
            api_key=key,
            http_proxy=section.proxy,
            ca_certs=section.ca_certs,
            connect=False,
        )
        self.config.max_rpc_attempts = 1
        self.config.timeout_secs = timeout_s

    def _get_connection(self) -> httplib2.Http:
        if self._connection is None:
            self._connection = _Once(self.config.timeout_secs, self._certificates, self._proxy())
        return self._connection

    def _proxy(self) -> httplib2.ProxyInfo | None:
        if not self.config.proxy_server:
            return None
        return httplib2.ProxyInfo(httplib2.socks.PROXY_TYPE_HTTP, self.config.proxy_server, self.config.proxy_port)

    def _build_opener(self, handler: Any) -> Any:
        handlers = [urllib.request.HTTPSHandler(context=self._trusted), handler]
        proxy = self.config.proxy_handler or urllib.request.ProxyHandler({})  # the environment's is nobody's wish
        return _Uploads(urllib.request.build_opener(proxy, *handlers), self.config.timeout_secs)

    def _decode_response(self, headers: dict[str, Any], body: Any) -> Any:
        read = super()._decode_response(headers, body)
        if not isinstance(read, dict):
            raise TypeError(f"the answer is {headers.get('content-type', 'of no type')}, not JSON")
        return read


class _Uploads:
    """What the client opens for uploads: with a time limit, and errors that it does not take for a reason to repeat."""

    def __init__(self, opener: urllib.request.OpenerDirector, timeout_s: float | None) -> None:
        self._opener = opener
        self._timeout_s = timeout_s

    def open(self, request: Any, form: dict[str, Any] | None = None) -> Any:
        """The answer, read to its end."""
        try:
            with self._opener.open(request, cast("bytes", form), self._timeout_s) as answer:  # its handler encodes it
                said = whole(answer)
            return answer if form is None else _said_by_form(said)
        except urllib.error.HTTPError as error:
            error.close()
            raise _UploadError(error.code, dict(error.headers), error.reason) from None
        except urllib.error.URLError as error:
            raise error.reason if isinstance(error.reason, OSError) else OSError(str(error.reason)) from None
        finally:
            for value in (form or {}).values():
                if isinstance(value, io.IOBase):
                    value.close()


def _said_by_form(said: bytes) -> io.BytesIO:
    if not said.startswith((b"0", b"1")):  # the site's forms begin with one of these, a proxy's page does not
        raise TypeError("the answer to an upload is not the site's")
    return io.BytesIO(said)


class _UploadError(Exception):
    """An upload was answered with an error; the address is not told, it may hold a signature."""

    def __init__(self, status: int, headers: Mapping[str, str], reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.reason = reason


class Translator:
    """Turns what the client raises into our errors.

    Args:
        server: address of the site.
        secret: what no message may hold.
    """

    def __init__(self, server: str, secret: str = "") -> None:
        self._server = server
        self._secret = secret

    def __call__(self, error: Exception, asked: str) -> ShotmillError:
        """The error to raise instead."""
        if self._secret and self._secret in str(error):
            error.args = (self._words(error),)  # it is the cause of what is raised, and may be printed, too
        if isinstance(error, shotgun_api3.AuthenticationFault):
            return self._refused(error, asked, "look at script and key in the targets file; the site may have new ones")
        if isinstance(error, shotgun_api3.ShotgunError):
            return self._refused(error, asked, "mend what it names on the site, then: shotmill outbox retry")
        if isinstance(error, shotgun_api3.ProtocolError):
            return self._answered(error.errcode, error.headers, asked)
        if isinstance(error, _UploadError):
            return self._answered(error.status, error.headers, asked)
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._refused(error, asked, "set ca_certs in the targets file, or mend the site's certificate")
        return TargetUnreachableError(
            f"ShotGrid at {self._server} was asked to {asked}: {self._words(error)}",
            hint="nothing to do: it is tried again",
        )

    def _answered(self, status: int, headers: Mapping[str, str], asked: str) -> ShotmillError:
        said = f"ShotGrid at {self._server} was asked to {asked} and answered {status}"
        wait = headers.get("retry-after")
        if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and wait):
            return TargetBusyError(said, wait_s=float(wait) if wait and wait.isdecimal() else None)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return TargetUnreachableError(said, hint="nothing to do: it is tried again")
        return TargetRefusedError(said, hint="look at server, script and key in the targets file")

    def _refused(self, error: Exception, asked: str, hint: str) -> TargetRefusedError:
        return TargetRefusedError(f"ShotGrid at {self._server} refused to {asked}: {self._words(error)}", hint=hint)

    def _words(self, error: Exception) -> str:
        """What an error says, in one line and without the key."""
        said = "it did not answer in time" if isinstance(error, TimeoutError) else str(error)
        if isinstance(error, MISREAD) and not isinstance(error, ssl.SSLError):
            said = f"half an answer, or none of its own ({type(error).__name__}: {said})"
        clean = SIGNED.sub(r"\1", said.replace(self._secret, "***") if self._secret else said)
        return " ".join(clean.split())[:MAX_WORDS] or type(error).__name__
