"""What AWS and the ``deadline`` library raise, as one sentence of ours and the next command to type."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ...schema.errors import EngineRefusedError, EngineUnreachableError, InputMissingError, ShotmillError

MAX_WORDS = 300
MIN_SECRET = 6  # shorter values are words of every sentence
SIGN_IN = "deadline auth login, or aws sso login; deadline auth status tells who you are"
NO_FARM = "deadline config gui, or set deadline_farm and deadline_queue; shotmill config explain deadline_farm"
_SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSW|ACCESS_KEY|API_?KEY|CREDENTIAL|DATABASE|PROXY", re.IGNORECASE)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN = frozenset({
    "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "AuthFailure",
    "NotAuthorizedException",
})  # fmt: skip
_NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "Forbidden", "403"})
THROTTLED = frozenset({
    "ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
    "RequestThrottled", "SlowDown", "429",
})  # fmt: skip
_LOGIN_ERRORS = frozenset({
    "NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound",
    "TokenRetrievalError", "UnauthorizedSSOTokenError", "SSOTokenLoadError", "SSOError", "LoginError",
    "LoginRefreshRequired", "LoginTokenLoadError", "MetadataRetrievalError",
})  # fmt: skip
_SILENT_ERRORS = frozenset({
    "EndpointConnectionError", "ConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError",
    "HTTPClientError", "ProxyConnectionError", "SSLError", "ResponseStreamingError", "IncompleteReadError",
    "ResponseParserError",
})  # fmt: skip
SERVER_FAULT = 500


@dataclass(frozen=True)
class Refused:
    """What the service answered: its code, its words and the HTTP status."""

    code: str
    words: str
    status: int
    operation: str


def refusal(error: BaseException) -> Refused | None:
    """What the service said, where an error or one behind it is its answer."""
    for one in _chain(error):
        response = getattr(one, "response", None)
        if isinstance(response, Mapping) and isinstance(response.get("Error"), Mapping):
            said, facts = response["Error"], response.get("ResponseMetadata") or {}
            status = facts.get("HTTPStatusCode")
            return Refused(
                code=str(said.get("Code", "")),
                words=str(said.get("Message", "")),
                status=status if isinstance(status, int) else 0,
                operation=str(getattr(one, "operation_name", "a request")),
            )
    return None


def is_passing(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment: throttled, a fault of the server, or a line that broke."""
    said = refusal(error)
    if said is not None:
        return said.code in THROTTLED or said.status >= SERVER_FAULT
    return any(_names(one) & _SILENT_ERRORS for one in _chain(error))


def as_ours(error: BaseException, *, secrets: Collection[str] = ()) -> ShotmillError:
    """The failure in our words; nothing in it is secret.

    Args:
        error: of boto3, botocore or ``deadline``.
        secrets: what must not be repeated, such as this process's credentials.
    """
    if isinstance(error, ShotmillError):
        return error
    said = refusal(error)
    if said is not None:
        return _answered(said, secrets)
    kinds = {name for one in _chain(error) for name in _names(one)}
    words = plain_words(str(error), secrets)
    if kinds & _LOGIN_ERRORS:
        return EngineRefusedError(f"Deadline Cloud needs you to sign in: {words}", hint=SIGN_IN)
    if "NoRegionError" in kinds:
        return EngineRefusedError("no AWS region is set", hint="aws configure set region us-west-2, or as your farm's")
    if kinds & _SILENT_ERRORS:
        return EngineUnreachableError(f"Deadline Cloud did not answer: {words}", hint="try again; shotmill doctor")
    if "MisconfiguredInputsError" in kinds:
        return InputMissingError(f"plates went away: {words}", hint="check the plates and submit again")
    if "DeadlineOperationCanceled" in kinds:
        return EngineRefusedError(
            f"Deadline Cloud sends no files from places it does not know: {words}",
            hint="deadline config set settings.known_asset_paths FOLDER",
        )
    return EngineRefusedError(f"Deadline Cloud refused: {words}", hint="deadline bundle submit BUNDLE shows more")


def _answered(said: Refused, secrets: Collection[str]) -> ShotmillError:
    words = plain_words(said.words, secrets) or said.code or f"HTTP status {said.status}"
    if said.code in _EXPIRED:
        return EngineRefusedError("your sign-in to Deadline Cloud has expired", hint=SIGN_IN)
    if said.code in _UNKNOWN:
        return EngineRefusedError("Deadline Cloud does not know your credentials", hint=SIGN_IN)
    if said.code in _NOT_ALLOWED:
        return EngineRefusedError(
            f"Deadline Cloud does not let you call {said.operation}: {words}",
            hint="deadline auth status; ask for that permission",
        )
    if said.code in THROTTLED:
        return EngineUnreachableError("Deadline Cloud is throttling requests", hint="wait a minute and try again")
    if said.status >= SERVER_FAULT:
        return EngineUnreachableError(f"Deadline Cloud failed ({said.code or said.status}): {words}", hint="try again")
    if said.code == "ResourceNotFoundException":
        return EngineRefusedError(f"Deadline Cloud has no such farm, queue or job: {words}", hint=NO_FARM)
    if said.code == "ServiceQuotaExceededException":
        return EngineRefusedError(f"a quota of the farm is used up: {words}", hint="raise it in AWS Service Quotas")
    return EngineRefusedError(f"Deadline Cloud refused {said.operation}: {words}", hint="shotmill doctor")


def plain_words(text: str, secrets: Collection[str] = ()) -> str:
    """One line of what somebody said, without secrets and without the rest of a long story."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= MIN_SECRET:
            text = text.replace(secret, "***")
    text = re.sub(r"//[^/@\s]*@", "//***@", text)  # a URL with a password
    line = " ".join(text.split())
    return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - 3] + "..."


def secrets_of(environment: Mapping[str, str]) -> list[str]:
    """Values of an environment that must not be repeated."""
    return [value for name, value in environment.items() if _SECRET_NAME.search(name) and len(value) >= MIN_SECRET]


def _names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _chain(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    seen: set[int] = set()
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__
