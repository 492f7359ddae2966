"""Rocket.Chat's markup: users' words stand in code marks, in which nothing comes alive."""

from __future__ import annotations

import re

from .words import Line, Run, Voice

JOINER = "\N{WORD JOINER}"
# The server looks for mentions in the bare text, code marks or not; an address such as thumbnail@v003 is none.
MENTION = re.compile(r"(?<!\w)([@#])(?=\S)")


def markdown(lines: list[Line]) -> str:
    """Lines in Rocket.Chat's markup."""
    return "\n".join("".join(_marked(run) for run in line) for line in lines)


def _marked(run: Run) -> str:
    if run.voice is Voice.LINK:
        url = run.url.replace("(", "%28").replace(")", "%29")
        return f"[{_bare(run.text)}]({url})"
    if run.voice is Voice.BOLD:
        return f"*{run.text}*"
    if run.voice is Voice.OURS:
        return run.text
    return f"`{_disarmed(run.text)}`"


def _disarmed(text: str) -> str:
    return MENTION.sub(rf"\1{JOINER}", text.replace("`", "'"))


def _bare(text: str) -> str:
    """A file's name as a link's title: signs of the markup are left out."""
    return re.sub(r"[\[\]()*_~`|<>!\\@#:]", " ", text).strip() or "file"
