"""The one error that hosts have to catch."""

from __future__ import annotations

# Codes of what happens on this side; the same stand in Shotmill's own tree of errors, and in its documentation.
INSTALLATION = ("E701", "installation")
PROTOCOL = ("E702", "protocol")
ANSWER_LOST = ("E703", "answer-lost")
ANSWER_LATE = ("E704", "answer-late")
ENDED = ("E705", "ended-by-host")
BAD_REQUEST = ("E200", "bad-request")


class ClientError(Exception):
    """Why Shotmill did not do what a host asked for: one sentence for people, and what programs want to know.

    Attributes:
        code, slug: as ``shotmill explain CODE`` knows them.
        message: what happened.
        hint: what to do next; may be empty.
        field: name of the field of a form that is wrong; None: none is.
        retry: whether the same again may end better.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        slug: str = "",
        field: str | None = None,
        retry: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.slug = slug
        self.message = message
        self.hint = hint
        self.field = field
        self.retry = retry

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message
