"""Which shot a clip is: by its metadata, by a pattern over its names, or by a plain shot name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..schema.errors import BadRequestError, ShotmillError
from ..schema.names import check_name
from ..schema.timeline import ClipDocument

# sq010_sh010, SQ010/SH010_comp_v003, 010_0020, show_sc01_0010a; not A001C003_210101 and not GH010_0042.
DEFAULT_PATTERN = (
    r"(?<![A-Za-z0-9])(?P<sequence>(?:sq|seq|sc|scn|scene|ep)?\d{1,5}[a-z]?)[ _/.:-]+"
    r"(?P<shot>(?:(?:sh|shot|s)\d{2,5}|\d{3,5})[a-z]?)(?![A-Za-z0-9])"
    r"(?:.*?[_.-]v(?P<version>\d{1,6}))?"
)
_PLAIN = re.compile(r"(?P<shot>(?:sh|shot)_?\d{2,5}[a-z]?)(?![A-Za-z0-9])", re.IGNORECASE)
_VERSION = re.compile(r"[_.-]v(\d{1,6})(?![A-Za-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShotName:
    """A shot as a clip names it. ``rule`` says which rule found it; ``version`` is the plate's, if told."""

    sequence: str
    shot: str
    rule: str
    version: str = ""


class ShotRules:
    """Finds the shot of a clip.

    Args:
        pattern: regular expression with a group ``shot`` and, unless ``sequence`` is given, a group ``sequence``;
            ``version`` is welcome. It is searched, case ignored, in the clip's name, its markers, and its media.
        sequence: the sequence of shots whose name tells none.

    Raises:
        BadRequestError: the pattern cannot be read, or lacks a group.
    """

    def __init__(self, pattern: str = DEFAULT_PATTERN, *, sequence: str = "") -> None:
        try:
            self._pattern = re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            raise BadRequestError(f"the pattern of clip names cannot be read: {error}", field="pattern") from error
        groups = self._pattern.groupindex
        if "shot" not in groups or not ("sequence" in groups or sequence):
            raise BadRequestError(
                "the pattern of clip names needs the groups (?P<sequence>...) and (?P<shot>...)",
                hint="or give --sequence for all of them",
                field="pattern",
            )
        self._sequence = check_name(sequence, field="sequence") if sequence else ""

    def shot_of(self, clip: ClipDocument) -> ShotName | str:
        """The shot, or a sentence that says why there is none."""
        found = self._by_metadata(clip) or self._by_pattern(clip) or self._by_name(clip)
        if found is None:
            return "no rule finds a shot in its metadata, its name, its markers or its media"
        if not found.sequence:
            return f"it names shot {found.shot!r} without a sequence; give one with --sequence"
        try:
            check_name(found.sequence, field="sequence")
            check_name(found.shot, field="shot")
        except ShotmillError as error:
            return error.message
        return found

    def _by_metadata(self, clip: ClipDocument) -> ShotName | None:
        if not clip.shot:
            return None
        return ShotName(clip.sequence or self._sequence, clip.shot, "metadata", _version_in(clip.media))

    def _by_pattern(self, clip: ClipDocument) -> ShotName | None:
        places = clip.media.replace("\\", "/").split("/")
        for text in (clip.name, *clip.marks, places[-1], "/".join(places[-3:])):
            if found := self._pattern.search(text):
                named = found.groupdict()
                sequence = named.get("sequence") or self._sequence
                version = named.get("version") or _version_in(clip.media)
                return ShotName(sequence, named["shot"] or "", "pattern", version)
        return None

    def _by_name(self, clip: ClipDocument) -> ShotName | None:
        found = _PLAIN.match(clip.name)
        return ShotName(self._sequence, found["shot"], "name", _version_in(clip.media)) if found else None


def _version_in(media: str) -> str:
    found = _VERSION.findall(media)
    return found[-1] if found else ""
