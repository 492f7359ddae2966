"""Slack: one thread for each job, whose first message is edited in place as the job proceeds.

Slack lets no id be chosen. So every message carries a mark made of the fact, and is looked for by it after a failed
try. A message with a picture cannot carry one; there the id of the file is kept, and the file says where it is shown.
The name of the file carries the mark, too, for a try that knows nothing of the file.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import Field

from ...schema.errors import TargetRefusedError
from ..outbox.letter import FactKind, JobSeen, Letter
from ..outbox.sections import SecretRef, read_section
from ..outbox.target import Checked, SecretReader
from .faults import Server, secret_of
from .pictures import Picture, picture_mark, picture_of
from .sections import ChatSection, WebUrl
from .words import NEEDS_SOMEBODY, Line, Run, Voice, plain, told

if TYPE_CHECKING:
    from .slack_calls import SlackCalls

CLOCKS_DIFFER_S = 3600  # a message is looked for from this long before its fact
SHOWN_AFTER_S = (0.0, 0.5, 1.0, 2.0)  # Slack scans a file before it shows it
GIVE_UP_SHOWING_S = 600  # it says yes and never shows a file, now and then
NO_PICTURES = frozenset({"file_type_not_allowed", "file_uploads_disabled", "storage_limit_reached", "file_too_large"})
NO_THREAD = frozenset({"thread_not_found", "invalid_thread_ts"})  # somebody took its first message away
ELEMENTS: dict[Voice, dict[str, Any]] = {Voice.BOLD: {"bold": True}, Voice.CODE: {"code": True}}


class SlackSection(ChatSection):
    """A Slack workspace.

    Attributes:
        token: of the bot, such as ``env:SLACK_TOKEN``.
        channel, failures_channel: ids such as ``C0123456789``, or names.
        url: of the API.
    """

    token: SecretRef
    url: WebUrl = Field(default="https://slack.com/api/")


def make(name: str, section: dict[str, Any], secrets: SecretReader, timeout_s: float) -> Slack:
    """A target from its section of the targets file; see ``TargetMaker``."""
    from .slack_calls import SlackCalls  # noqa: PLC0415 - brings the client's library, which is an extra

    found = read_section(SlackSection, name, section)
    token = secret_of(secrets, found.token, target=name)
    server = Server(name, urlsplit(found.url).netloc.rpartition("@")[2], (token,))
    return Slack(found, server, SlackCalls(server, token, url=found.url, timeout_s=timeout_s))


@dataclass(frozen=True, slots=True)
class Told:
    """What a remote id of ours holds: messages as ``CHANNEL:TS``, or the file of one that is on its way.

    Attributes:
        message: what a fact said; of a job the head of its thread.
        alarm: the message to wranglers.
        file: of a message with a picture that is not seen yet; ``asked`` is when it was asked for, in seconds.
    """

    message: str = ""
    alarm: str = ""
    file: str = ""
    asked: int = 0

    @classmethod
    def read(cls, remote_id: str | None) -> Told:
        """What ``text`` wrote."""
        parts = (remote_id or "").split()
        found = dict(part.split("=", 1) for part in parts if "=" in part)
        message = next((part for part in parts if "=" not in part), "")
        asked = found.get("asked", "")
        return cls(message, found.get("alarm", ""), found.get("file", ""), int(asked) if asked.isdecimal() else 0)

    @property
    def text(self) -> str:
        """As it is stored: ``C01:1.2 alarm=C02:3.4``."""
        named = (("alarm", self.alarm), ("file", self.file), ("asked", str(self.asked) if self.asked else ""))
        return " ".join([*filter(None, [self.message]), *(f"{name}={value}" for name, value in named if value)])


class Slack:
    """One workspace, and a channel or two of it."""

    def __init__(self, section: SlackSection, server: Server, calls: SlackCalls) -> None:
        self._section = section
        self._server = server
        self._calls = calls
        self._ids: dict[str, str] = {}

    @property
    def takes(self) -> frozenset[FactKind]:
        """The facts of its section."""
        return self._section.facts

    def ensure(self, letter: Letter) -> str:
        """Say it once; say it anew, in the same message, where it is a job that went on."""
        if letter.job is not None and letter.kind is FactKind.JOB:
            return self._tell_job(letter, letter.job)
        before = Told.read(letter.remote_id)
        if before.message:
            return before.text
        picture = None
        if letter.kind is FactKind.PUBLISHED and self._section.pictures:
            picture = picture_of(letter.publication, max_mib=self._section.picture_max_mib)
        channel, thread = self._where(letter)
        try:
            return self._answer(letter, picture, channel=channel, thread=thread)
        except TargetRefusedError as error:
            if thread is None or error.fields.get("error") not in NO_THREAD:
                raise
            return self._answer(letter, picture, channel=channel, thread=None)

    def check(self) -> Checked:
        """Ask who we are, and whether we may speak in the channels."""
        who = self._calls.who()
        lines = [f"workspace {who.get('team')}"]
        for name in filter(None, (self._section.channel, self._section.failures_channel)):
            channel = self._calls.channel(self._channel(name))
            if channel.get("is_member") is False:
                raise self._server.refused(
                    f"has a channel {name}, but our bot is not in it",
                    hint=f"type there: /invite @{who.get('user')}",
                    error="not_in_channel",
                )
            lines.append(f"channel {name}")
        return Checked(self._server.place, str(who.get("user") or "?"), tuple(map(self._server.said, lines)))

    def close(self) -> None:
        """Nothing is held: each call has a connection of its own."""

    def _tell_job(self, letter: Letter, job: JobSeen) -> str:
        before = Told.read(letter.remote_id)
        if before.message:
            self._say_anew(letter, before.message)
        else:
            head = self._say_once(letter, self._channel(self._section.channel), part="message")
            if letter.attempts:
                self._say_anew(letter, head)  # what was found may be what an earlier try said
            before = replace(before, message=head)
            letter.keep(before.text)
        wanted = self._section.failures_channel and job.state in NEEDS_SOMEBODY
        if wanted and not before.alarm:
            place = self._channel(self._section.failures_channel)
            before = replace(before, alarm=self._say_once(letter, place, part="alarm"))
        return before.text

    def _answer(self, letter: Letter, picture: Picture | None, *, channel: str, thread: str | None) -> str:
        before = Told.read(letter.remote_id)
        asked = bool(before.file)
        if asked:
            try:
                seen = self._seen(before, channel)
            except TargetRefusedError as error:
                if error.fields.get("error") != "file_not_found":
                    raise
                asked = False  # it was never asked to show it
            else:
                if seen is not None:
                    return seen
        found = self._found(letter, channel, thread=thread, part="message")
        if found is None and picture is not None and not asked:
            found = self._show(letter, picture, channel=channel, thread=thread)
        return found or self._post(letter, channel, thread=thread, part="message")

    def _say_once(self, letter: Letter, channel: str, *, part: str) -> str:
        """Post what a letter tells, if no earlier try did; the message as ``CHANNEL:TS``."""
        found = self._found(letter, channel, thread=None, part=part)
        return found or self._post(letter, channel, thread=None, part=part)

    def _found(self, letter: Letter, channel: str, *, thread: str | None, part: str) -> str | None:
        """The message of an earlier try; None: there is none."""
        if not letter.attempts:
            return None
        mark = letter.remote_uuid(part)
        found = self._calls.find(
            channel, str(mark), picture=picture_mark(mark), since_s=_since_s(letter), thread=thread
        )
        return None if found is None else f"{channel}:{found}"

    def _post(self, letter: Letter, channel: str, *, thread: str | None, part: str) -> str:
        lines, mark = told(letter, self._section.links), str(letter.remote_uuid(part))
        return f"{channel}:{self._calls.post(channel, _notice(lines), _blocks(lines), mark=mark, thread=thread)}"

    def _say_anew(self, letter: Letter, message: str) -> None:
        channel, _, ts = message.partition(":")
        lines = told(letter, self._section.links)
        try:
            self._calls.update(channel, ts, _notice(lines), _blocks(lines), mark=str(letter.remote_uuid("message")))
        except TargetRefusedError as error:
            if error.fields.get("error") != "message_not_found":  # somebody took it away, and need not see it again
                raise

    def _where(self, letter: Letter) -> tuple[str, str | None]:
        """Channel and thread that a letter about a version goes to."""
        for remote_id in (letter.thread, letter.remote_version):
            channel, _, ts = Told.read(remote_id).message.partition(":")
            if ts:
                return channel, ts
        return self._channel(self._section.channel), None

    def _channel(self, name: str) -> str:
        """The id of a channel; its name is looked up once."""
        bare = name.removeprefix("#")
        if bare == name and name.isupper() and name.isalnum() and name[0] in "CGD":
            return name
        if bare not in self._ids:
            found = self._calls.channel_id(bare)
            if found is None:
                raise self._server.refused(
                    f"has no channel {bare} that our bot may see",
                    hint=f"mend the channel in [{self._server.target}] of the targets file, or invite the bot to it",
                    error="channel_not_found",
                )
            self._ids[bare] = found
        return self._ids[bare]

    def _show(self, letter: Letter, picture: Picture, *, channel: str, thread: str | None) -> str | None:
        """Say it with a picture; None: it has to be said without.

        Raises:
            TargetBusyError: Slack has the picture, but does not show it yet.
        """
        try:
            return self._seen(self._ask_to_show(letter, picture, channel=channel, thread=thread), channel)
        except TargetRefusedError as error:
            if error.fields.get("error") not in NO_PICTURES:
                raise
            return None

    def _ask_to_show(self, letter: Letter, picture: Picture, *, channel: str, thread: str | None) -> Told:
        name = picture.marked(picture_mark(letter.remote_uuid("message")))
        url, file_id = self._calls.place_for(name, len(picture.content))
        self._calls.send(url, picture.content)
        asked = Told(file=file_id, asked=int(time.time()))
        letter.keep(asked.text)
        lines = told(letter, self._section.links)
        self._calls.show(file_id, picture.name, _blocks(lines), channel=channel, thread=thread)
        return asked

    def _seen(self, asked: Told, channel: str) -> str | None:
        """The message that shows a file; None: none ever will."""
        for wait_s in SHOWN_AFTER_S:
            time.sleep(wait_s)
            ts = self._calls.shown(asked.file, channel)
            if ts is not None:
                return f"{channel}:{ts}"
        if time.time() - asked.asked > GIVE_UP_SHOWING_S:
            return None
        raise self._server.busy(SHOWN_AFTER_S[-1])


def _since_s(letter: Letter) -> float:
    """When what a letter tells became true at the earliest, with room for clocks that differ."""
    moments: list[datetime] = []
    if letter.job is not None:
        moments.append(letter.job.submitted)
    if letter.publication is not None:
        moments.append(letter.publication.published)
    return max(0.0, min(moment.timestamp() for moment in moments) - CLOCKS_DIFFER_S) if moments else 0.0


def _blocks(lines: list[Line]) -> list[dict[str, Any]]:
    """Rich text: nothing in it is read as markup, so that users' words stay words."""
    elements: list[dict[str, Any]] = []
    for index, line in enumerate(lines):
        elements += [{"type": "text", "text": "\n"}] if index else []
        elements += [_element(run) for run in line]
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]


def _element(run: Run) -> dict[str, Any]:
    if run.voice is Voice.LINK:
        return {"type": "link", "url": run.url, "text": run.text}
    style = ELEMENTS.get(run.voice)
    return {"type": "text", "text": run.text, **({"style": style} if style else {})}


def _notice(lines: list[Line]) -> str:
    """The words alone, as phones show them: Slack's three signs are escaped."""
    return plain(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
