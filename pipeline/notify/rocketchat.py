"""Rocket.Chat: one thread for each job, whose first message is edited in place as the job proceeds.

Rocket.Chat takes ids of ours for messages: each is made of the fact, so that a second post finds the first. A message
with a picture gets an id of the server's; it is looked for by the name of the file, which is made of the fact, too.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...schema.errors import TargetRefusedError
from ..outbox.letter import FactKind, JobSeen, Letter
from ..outbox.sections import SecretRef, read_section
from ..outbox.target import Checked, SecretReader
from .faults import Server, secret_of
from .markdown import markdown
from .pictures import Picture, picture_mark, picture_of
from .sections import ChatSection, WebUrl
from .words import NEEDS_SOMEBODY, told

if TYPE_CHECKING:
    from .rocketchat_calls import RocketChatCalls

CLOCKS_DIFFER_S = 3600  # a message is looked for from this long before it was asked for
KEPT = "file="
# What a server says of a picture that it will not take, or is too old to take; the words go without it.
NO_PICTURES = frozenset({"error-invalid-file-type", "error-file-too-large", "error-file-type-not-allowed", "404"})


class RocketChatSection(ChatSection):
    """A Rocket.Chat server.

    Attributes:
        url: of the server, such as ``https://chat.studio``.
        user_id: of our user there, as its page of personal access tokens shows it.
        token: a personal access token, such as ``env:ROCKETCHAT_TOKEN``.
    """

    url: WebUrl
    user_id: str
    token: SecretRef


def make(name: str, section: dict[str, Any], secrets: SecretReader, timeout_s: float) -> RocketChatTarget:
    """A target from its section of the targets file; see ``TargetMaker``."""
    from .rocketchat_calls import RocketChatCalls  # noqa: PLC0415 - brings the client's library, which is an extra

    found = read_section(RocketChatSection, name, section)
    token = secret_of(secrets, found.token, target=name)
    server = Server(name, urlsplit(found.url).netloc.rpartition("@")[2], (token,))
    calls = RocketChatCalls(server, user_id=found.user_id, token=token, url=found.url, timeout_s=timeout_s)
    return RocketChatTarget(found, server, calls)


class RocketChatTarget:
    """One server, and a channel or two of it."""

    def __init__(self, section: RocketChatSection, server: Server, calls: RocketChatCalls) -> None:
        self._section = section
        self._server = server
        self._calls = calls
        self._rooms: dict[str, str] = {}

    @property
    def takes(self) -> frozenset[FactKind]:
        """The facts of its section."""
        return self._section.facts

    def ensure(self, letter: Letter) -> str:
        """Say it once; say it anew, in the same message, where it is a job that went on."""
        if letter.job is not None and letter.kind is FactKind.JOB:
            return self._tell_job(letter, letter.job)
        kept = letter.remote_id or ""
        if kept and not kept.startswith(KEPT):
            return kept
        room = self._room(self._section.channel)
        thread = self._thread(letter)
        picture = None
        if letter.kind is FactKind.PUBLISHED and self._section.pictures:
            picture = picture_of(letter.publication, max_mib=self._section.picture_max_mib)
        found = self._shown(letter, room, kept)
        if found is None and picture is not None:
            found = self._show(letter, room, picture, thread=thread)
        return found or self._say_once(letter, room, thread=thread, part="message")

    def check(self) -> Checked:
        """Ask who we are, and whether we see the channels."""
        who = self._calls.who()
        names = [name for name in (self._section.channel, self._section.failures_channel) if name]
        for name in names:
            self._room(name)
        return Checked(self._server.place, who, tuple(f"channel {name}" for name in names))

    def close(self) -> None:
        """Let go of connections."""
        self._calls.close()

    def _tell_job(self, letter: Letter, job: JobSeen) -> str:
        room = self._room(self._section.channel)
        head = self._message_id(letter, "message")
        if letter.remote_id or letter.attempts:
            there = self._calls.has(head)
            if there:
                self._calls.update(room, head, self._text(letter))
            elif not letter.remote_id:  # what somebody took away need not be seen again
                self._say_once(letter, room, thread=None, part="message")
        else:
            self._say_once(letter, room, thread=None, part="message")
        if letter.remote_id != head:
            letter.keep(head)
        if self._section.failures_channel and job.state in NEEDS_SOMEBODY:
            self._say_once(letter, self._room(self._section.failures_channel), thread=None, part="alarm")
        return head

    def _say_once(self, letter: Letter, room: str, *, thread: str | None, part: str) -> str:
        """Post what a letter tells, if it was not; the id of the message."""
        message_id = self._message_id(letter, part)
        if (letter.attempts or part == "alarm") and self._calls.has(message_id):
            return message_id
        try:
            self._calls.send(room, message_id, self._text(letter), thread=thread)
        except TargetRefusedError:
            if not self._calls.has(message_id):  # some servers call a second post of one id an error
                raise
        return message_id

    def _message_id(self, letter: Letter, part: str) -> str:
        return letter.remote_uuid(part).hex

    def _text(self, letter: Letter) -> str:
        return markdown(told(letter, self._section.links))

    def _room(self, name: str) -> str:
        """The id of a room; asked once."""
        bare = name.removeprefix("#")
        if bare not in self._rooms:
            self._rooms[bare] = self._calls.room_id(bare)
        return self._rooms[bare]

    def _thread(self, letter: Letter) -> str | None:
        """The message that a letter about a version answers to, if it is still there: nobody sees an answer to none."""
        for message in (letter.thread, letter.remote_version):
            if message and not message.startswith(KEPT) and self._calls.has(message):
                return message
        return None

    def _show(self, letter: Letter, room: str, picture: Picture, *, thread: str | None) -> str | None:
        """Say it with a picture; None: the server takes no such pictures."""
        try:
            file_id = self._calls.upload(room, replace(picture, name=picture.marked(_mark(letter))))
        except TargetRefusedError as error:
            if error.fields.get("error") not in NO_PICTURES:
                raise
            return None
        kept = f"{KEPT}{file_id}@{int(time.time())}"
        letter.keep(kept)
        return self._calls.show(room, file_id, self._text(letter), thread=thread) or self._shown(letter, room, kept)

    def _shown(self, letter: Letter, room: str, kept: str) -> str | None:
        """The message with the picture of an earlier try, also of one of which nothing is known."""
        _, _, asked = kept.removeprefix(KEPT).rpartition("@")
        if asked.isdecimal():
            since_s = float(asked)
        elif letter.attempts and letter.publication is not None:
            since_s = letter.publication.published.timestamp()
        else:
            return None
        since = datetime.fromtimestamp(max(0.0, since_s - CLOCKS_DIFFER_S), UTC)
        return self._calls.shown(room, _mark(letter), since=since.strftime("%Y-%m-%dT%H:%M:%S.000Z"))


def _mark(letter: Letter) -> str:
    return picture_mark(letter.remote_uuid("message"))
