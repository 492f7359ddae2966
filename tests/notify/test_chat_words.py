"""Users' words stay words: what a name, a comment or a note holds never comes alive in a chat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chat_server import carry, serving
from chats import rocketchat_target, seen, slack_target
from letters import job_letter, noted_letter, publication, published_letter, reviewed_letter
from rocketchat_server import RocketChatServer
from slack_server import SlackServer

from shotmill.pipeline.notify.faults import wait_asked
from shotmill.pipeline.notify.words import calm
from shotmill.pipeline.outbox.letter import Letter, Publication
from shotmill.schema.frames import FrameSet
from shotmill.schema.states import State

HOSTILE = [
    pytest.param("<!channel> <!here> @channel @here @all", id="calls for everybody"),
    pytest.param("<@U123> <#C123> #general", id="mentions"),
    pytest.param("<https://evil.example|the report> [the report](https://evil.example)", id="links that lie"),
    pytest.param("https://evil.example evil.example mailto:a@evil.example", id="links"),
    pytest.param("*bold* _italic_ ~gone~ `code` ```block``` ||spoiler||", id="formatting"),
    pytest.param("> quote\n# title\n- list\n1. list", id="blocks by line breaks"),
    pytest.param(":smile: :) :rotating_light:", id="emoji"),
    pytest.param("&lt;!channel&gt; &amp; \\*", id="escaped twice"),
    pytest.param("a\u202eevil\u202c\u0000\u0007\u2028b", id="control and direction characters"),
    pytest.param("x" * 5000, id="endless"),
]


def letters(text: str, target: str, told_of: Publication) -> Iterator[Letter]:
    """Letters of each kind that hold a text wherever a user's may stand."""
    job = job_letter(target, State.FAILED)
    yield replace(job, job=replace(seen(job), name=text, user=text, type=text, line=text, versions=(text,)))
    version = replace(told_of, author=text, comment=text, since=text, thumbnail=None)
    yield published_letter(version, target)
    yield noted_letter(version, target, text, remote_version="")
    yield reviewed_letter(version, target, text, remote_version="")


@pytest.mark.hostile
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_plain_text_in_slack(text: str, told_of: Publication) -> None:
    with serving(SlackServer()) as server:
        for letter in letters(text, "slack", told_of):
            carry(slack_target(server), letter)
        assert server.messages
        for message in server.messages:
            (block,) = message["blocks"]
            (section,) = block["elements"]
            assert (block["type"], section["type"]) == ("rich_text", "rich_text_section")
            assert {one["type"] for one in section["elements"]} == {"text"}
            assert not re.search(r"[<>]|&(?!(amp|lt|gt);)", message["text"])
            assert len(json.dumps(message)) < 16_000


@pytest.mark.hostile
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stand_in_code_marks_in_rocket_chat(text: str, told_of: Publication) -> None:
    with serving(RocketChatServer()) as server:
        for letter in letters(text, "rocketchat", told_of):
            carry(rocketchat_target(server), letter)
        assert server.messages
        for message in server.messages.values():
            ours = re.sub(r"`[^`\n]+`", "", message["msg"])
            assert re.fullmatch(r"[a-zA-Z0-9 ,:*\n]*", ours)
            assert not re.search(r"(^|\s|>)[@#][\w.-]", message["msg"])  # its server looks for mentions in code, too
            assert len(message["msg"]) < 5000  # its default limit


def test_addresses_and_commands_can_be_copied_from_rocket_chat(told_of: Publication) -> None:
    with serving(RocketChatServer()) as server:
        carry(rocketchat_target(server), published_letter(told_of, "rocketchat"))
        assert "`demo:sq010/sh010/thumbnail@v001`" in server.said()[0]["msg"]


def test_paths_are_links_where_a_url_serves_their_folder(told_of: Publication, tmp_path: Path) -> None:
    report = tmp_path / "reports" / "a b)c.html"
    letter = published_letter(replace(told_of, report=report), "x")
    links = {str(tmp_path): "https://files.studio/all/", str(tmp_path / "reports"): "https://reports.studio"}
    with serving(SlackServer()) as slack, serving(RocketChatServer()) as rocketchat:
        carry(slack_target(slack, links=links), letter)
        carry(rocketchat_target(rocketchat, links=links), letter)
        element = slack.said()[0]["blocks"][0]["elements"][0]["elements"][-1]
        assert element == {"type": "link", "url": "https://reports.studio/a%20b%29c.html", "text": "a b)c.html"}
        assert rocketchat.said()[0]["msg"].endswith("report: [a b c.html](https://reports.studio/a%20b%29c.html)")
        assert "[published](https://files.studio/all/published)" in rocketchat.said()[0]["msg"]


def test_a_version_with_holes_says_which_frames_it_lacks(told_of: Publication) -> None:
    with serving(SlackServer()) as server:
        carry(slack_target(server), published_letter(replace(told_of, holes=FrameSet.of([1002, 1003])), "slack"))
        assert "\nlacks frames 1002-1003\n" in server.words(server.said()[0])


def test_a_job_with_many_versions_names_ten() -> None:
    letter = job_letter("slack", State.SUCCEEDED)
    many = tuple(f"demo:sq010/sh010/thumbnail@v{number:03d}" for number in range(1, 41))
    with serving(SlackServer()) as server:
        carry(slack_target(server), replace(letter, job=replace(seen(letter), versions=many)))
        assert server.words(server.said()[0]).endswith("@v010 and 30 more")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("gone.png", id="one that is gone"),
        pytest.param("huge.png", id="one beyond the limit"),
        pytest.param("movie.mp4", id="one that is none"),
    ],
)
def test_a_message_never_waits_for_a_picture(path: str, tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(b"\x89PNG" + bytes(2**20))
    (tmp_path / "movie.mp4").write_bytes(b"....ftyp")
    letter = published_letter(replace(publication(), thumbnail=tmp_path / path), "slack")
    with serving(SlackServer()) as server:
        carry(slack_target(server, picture_max_mib=1), letter)
        assert (len(server.said()), server.files) == (1, {})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("  two\r\n\tlines ", "two lines", id="line breaks and blanks"),
        pytest.param("\u00e9t\u00e9 \u6620\u753b \U0001f3ac", "\u00e9t\u00e9 \u6620\u753b \U0001f3ac", id="any script"),
        pytest.param("a\u202eb", "a b", id="a change of direction"),
        pytest.param("a\ud800b", "a\\ud800b", id="half a character"),
        pytest.param("abcdefghijkl", "abcdefg...", id="too long"),
    ],
)
def test_calm_words_are_one_short_line(text: str, shown: str) -> None:
    assert calm(text, 10) == shown


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        pytest.param("30", 30.0, id="seconds"),
        pytest.param("0.5", 0.5, id="parts of a second"),
        pytest.param("Sat, 21 Nov 2020 20:00:00 GMT", 0.0, id="a date that has passed"),
        pytest.param("99999999", 86_400.0, id="longer than a day"),
        pytest.param("1e999", None, id="for ever"),
        pytest.param("soon", None, id="no number"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_wait_is_read_from_the_header(text: str, wait_s: float | None) -> None:
    assert wait_asked({"retry-after": text}) == wait_s
