"""What comments in Kitsu say, and the mark by which one of ours is found again."""

from __future__ import annotations

import re

from ...outbox.letter import FactKind, Letter, Publication, PublishedForm

# Kitsu copies a comment with #all or #Lighting to the other tasks of the shot: ours stay alone.
_HASHTAG = re.compile(r"#(?=[A-Za-z])")
_WORD_JOINER = "\u2060"  # is not seen


def mark(letter: Letter) -> str:
    """What stands in the comment on this fact, and in no other."""
    return f"`{letter.fact}`"


def comment_text(letter: Letter) -> str:
    """The comment on a letter; its last line is for machines.

    The letter has a publication.
    """
    told = letter.publication
    if told is None:
        raise ValueError(f"{letter.fact} is about no version")
    if letter.kind is FactKind.NOTED and letter.note is not None:
        frame = "" if letter.note.frame is None else f", frame {letter.note.frame}"
        lines = [f"**{told.name}**{frame}", f"{letter.note.author}: {letter.note.text}"]
    elif letter.kind is FactKind.REVIEWED and letter.review is not None:
        lines = [f"**{told.name}** is {letter.review.status}, says {letter.review.by}"]
    else:
        lines = _published(told)
    text = "\n\n".join(lines)
    return f"{_HASHTAG.sub('#' + _WORD_JOINER, text)}\n\n`{told.address}` {mark(letter)}"


def _published(told: Publication) -> list[str]:
    lines = [f"**{told.name}** by {told.author}"]
    if told.remark:
        lines.append(told.remark)
    lines.append("\n".join(f"- {_form(form)}" for form in told.forms))
    if told.movie is None and told.thumbnail is None:
        lines.append("There is no picture or movie of it to show.")
    if told.holes is not None:
        lines.append(f"Missing frames: {told.holes}")
    if told.sources:
        lines.append("Made from " + ", ".join(f"`{source.address}`" for source in told.sources))
    if told.report is not None:
        lines.append(f"Report: `{told.report}`")
    return [line for line in lines if line]


def _form(form: PublishedForm) -> str:
    facts = [f"{form.name}: `{form.path}`"]
    if form.frames is not None:
        facts.append(f"frames {form.frames}")
    if form.width and form.height:
        facts.append(f"{form.width}x{form.height}")
    if form.colourspace:
        facts.append(form.colourspace)
    return ", ".join(facts)
