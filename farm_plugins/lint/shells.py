"""What a command runs: which words are text that a shell or another interpreter reads as a program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .template import Action, File, Script

POSIX_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh"})
WINDOWS_SHELLS = frozenset({"cmd", "powershell", "pwsh"})
SHELLS = POSIX_SHELLS | WINDOWS_SHELLS
TEXT_OPTIONS = {"python": {"-c"}, "perl": {"-e", "-E"}, "ruby": {"-e"}, "node": {"-e", "--eval", "-p"}, "lua": {"-e"}}
_OF_SUFFIX = {
    ".sh": "sh", ".bash": "bash", ".zsh": "zsh", ".bat": "cmd", ".cmd": "cmd", ".ps1": "powershell", ".py": "python",
    ".pl": "perl", ".rb": "ruby", ".js": "node", ".lua": "lua", ".csh": "csh", ".fish": "fish",
}  # fmt: skip
_WITH_VALUE = frozenset({"-o", "+o", "-O", "+O", "--rcfile", "--init-file", "-W", "-X"})
_FILE = re.compile(r"\{\{\s*((?:Task|Env)\.File\.\w+)\s*\}\}")


@dataclass(frozen=True)
class Program:
    """Text that an interpreter runs."""

    place: str
    language: str
    text: str


def programs(script: Script) -> Iterator[Program]:
    """All texts of a script that some interpreter runs."""
    languages: dict[str, str] = {}
    for action in script.actions:
        words = [(f"{action.place}.command", action.command), *action.args]
        for index, (_place, word) in enumerate(words):
            language = language_of(word)
            if language:
                yield from _inline(language, words[index + 1 :])
                languages.update(_files_run(language, words[index + 1 :]))
    for file in script.files:
        language = file.language or languages.get(file.name) or _language_of_file(file, script.actions)
        if language:
            yield Program(file.place, language, file.text)


def language_of(word: str) -> str:
    """The interpreter that a word of a command line is; empty for another program."""
    name = re.split(r"[/\\]", word.strip())[-1].lower().removesuffix(".exe")
    if name in SHELLS:
        return name
    plain = re.sub(r"[\d.]+$", "", name)
    return {"mayapy": "python", "hython": "python"}.get(plain, plain if plain in TEXT_OPTIONS else "")


def _inline(language: str, words: Sequence[tuple[str, str]]) -> Iterator[Program]:
    """Words behind an interpreter that it runs as text, as those behind ``-c``."""
    for index, (_place, word) in enumerate(words):
        low = word.lower()
        if language in WINDOWS_SHELLS:
            if low in {"/c", "/k", "-command", "-c"}:
                yield from (Program(place, language, found) for place, found in words[index + 1 :])
                return
            continue
        if not word.startswith(("-", "+")):
            return
        if _is_text_option(language, word):
            yield from (Program(place, language, found) for place, found in _behind(words[index + 1 :])[:1])
            return


def _is_text_option(language: str, word: str) -> bool:
    if language in POSIX_SHELLS:
        return re.fullmatch(r"-[A-Za-z]*c[A-Za-z]*", word) is not None
    return word in TEXT_OPTIONS[language]


def _behind(words: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The words that are no options."""
    found, skip = [], False
    for place, word in words:
        if skip:
            skip = False
        elif word in _WITH_VALUE:
            skip = True
        elif not re.match(r"[-+/][A-Za-z-]+$", word):
            found.append((place, word))
    return found


def _files_run(language: str, words: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The embedded file that stands first behind an interpreter, which runs it."""
    first = _behind(words)[:1]
    match = _FILE.fullmatch(first[0][1].strip()) if first else None
    return {match.group(1): language} if match else {}


def _language_of_file(file: File, actions: Sequence[Action]) -> str:
    """By the first line, else by the suffix; a file that is itself the command is a shell's when neither says so."""
    first = file.text.split("\n", 1)[0]
    if first.startswith("#!"):
        return next((found for word in first[2:].split() if (found := language_of(word))), "")
    suffix = re.search(r"\.\w+$", file.filename.lower())
    if suffix:
        return _OF_SUFFIX.get(suffix.group(), "")
    is_command = any((match := _FILE.fullmatch(one.command.strip())) and match.group(1) == file.name for one in actions)
    return "sh" if is_command else ""
