"""Secrets: by their shape, and by the name they stand under. What is found is never repeated in a finding."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from typing import Any

from .bundle import Bundle, is_text, key_place, mapping, sequence, text
from .finding import Hit
from .template import all_texts, job_parameters, scripts

HIDDEN = "***"
_SHAPES = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Slack web hook": r"https://hooks\.slack\.com/services/[A-Za-z0-9/_-]{20,}",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}",
    "a private key": r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s\\]{0,20000}-----END)?",
    "a JSON Web Token": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    "a payment key": r"\b[sr]k_live_[0-9A-Za-z]{16,}",
    "an OpenAI or Anthropic key": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}",
    "a password in an address": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@{}$\"']{1,100}:[^\s/@{}$\"']{3,200}@",
}
_SHAPED = {what: re.compile(shape) for what, shape in _SHAPES.items()}
_TELLING = frozenset(
    {"password", "passwd", "passphrase", "pwd", "secret", "secrets", "token", "credential", "credentials", "apikey"}
)
_TELLING_PAIRS = frozenset({("api", "key"), ("private", "key"), ("access", "key"), ("secret", "key"), ("auth", "key")})
# What stands last in a name that is about a secret, but holds none.
_ABOUT = frozenset(
    {"file", "path", "dir", "name", "id", "url", "uri", "count", "length", "env", "var", "arn", "type", "index"}
)
_NO_SECRET = re.compile(r"(?i)(change.?me|placeholder|example|none|null|true|false|redacted|x+|\*+|<.*>|\.+)")
_ASSIGNED = re.compile(
    r"""(?<![A-Za-z0-9_-])(?P<name>[A-Za-z_][A-Za-z0-9_-]{2,60})["']?[ \t]*[:=][ \t]*"""
    r"""(?P<quote>["']?)(?P<value>[^\s"'`;,)(]{6,200})"""
)
_LEAST = 6  # characters of a secret
_LEAST_ENTROPY = 3.0  # bits a character; words of one language have less when they are short


def secret_by_shape(bundle: Bundle) -> Iterator[Hit]:
    """Tokens and keys that look like what they are, comments included."""
    for source in bundle.sources:
        for what, shape in _SHAPED.items():
            for match in shape.finditer(source.text):
                line = source.text.count("\n", 0, match.start()) + 1
                yield Hit(source.name, f"line {line}", f"{what} stands there")


def secret_by_name(bundle: Bundle) -> Iterator[Hit]:
    """Plain values under a name that says what they are."""
    for file, place, name, _value in _named_secrets(bundle):
        yield Hit(file, place, f"{name[:60]} has a plain value")


def secret_parameter(bundle: Bundle) -> Iterator[Hit]:
    """Parameters that ask for a secret."""
    for parameter in job_parameters(bundle):
        name = text(parameter.given.get("name"))
        if is_telling(name) and parameter.type in {"STRING", ""} and not is_literal(parameter.given.get("default")):
            yield Hit(bundle.template.name, parameter.place, f"{parameter.name} asks for a secret")


def secret_hider(bundle: Bundle) -> Callable[[str], str]:
    """A function that takes every secret of the bundle out of the words of a finding."""
    values = sorted({value for _file, _place, _name, value in _named_secrets(bundle)}, key=len, reverse=True)

    def hidden(words: str) -> str:
        for shape in _SHAPED.values():
            words = shape.sub(HIDDEN, words)
        for value in values:
            words = words.replace(value, HIDDEN)
        return words

    return hidden


def _named_secrets(bundle: Bundle) -> Iterator[tuple[str, str, str, str]]:
    """File, place, name and value of each plain value under a telling name."""
    for file, place, name, value in chain(_keys(bundle), _options(bundle), _assigned(bundle)):
        if is_telling(name) and is_literal(value):
            yield file, place, name, value


def _keys(bundle: Bundle) -> Iterator[tuple[str, str, str, str]]:
    for source in bundle.sources:
        for place, name, value in _pairs(source.document, "$"):
            yield source.name, place, name, value


def _assigned(bundle: Bundle) -> Iterator[tuple[str, str, str, str]]:
    """``export TOKEN=...`` and ``password = "..."`` in any text."""
    for file, place, found in all_texts(bundle):
        for match in _ASSIGNED.finditer(found):
            if match["quote"] or _is_random(match["value"]):
                yield file, place, match["name"], match["value"]


def _pairs(value: Any, place: str) -> Iterator[tuple[str, str, Any]]:
    """Names and what stands under them: keys of mappings, and ``name`` beside ``default`` or ``value``."""
    found = mapping(value)
    for key in ("default", "value"):
        if is_text(found.get("name")) and key in found:
            yield f"{place}.{key}", found["name"], found[key]
    for key, inner in found.items():
        if is_text(inner):
            yield key_place(place, key), key, inner
        yield from _pairs(inner, key_place(place, key))
    for index, inner in enumerate(sequence(value)):
        yield from _pairs(inner, f"{place}[{index}]")


def _options(bundle: Bundle) -> Iterator[tuple[str, str, str, str]]:
    """``--password VALUE`` in a command."""
    for action in (one for script in scripts(bundle) for one in script.actions):
        for (_place, word), (place, value) in pairwise(action.args):
            if word.startswith("--") and "=" not in word:
                yield bundle.template.name, place, word.removeprefix("--"), value


def is_telling(name: str) -> bool:
    """Whether a name says that a secret stands under it: ``FTRACK_API_KEY``, ``dbPassword``; not ``tokenCount``."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]
    if not words or words[-1] in _ABOUT:
        return False
    last = words[-2:] if words[-1].isdigit() else words[-1:]
    return bool(set(last) & _TELLING) or any(pair in _TELLING_PAIRS for pair in pairwise(words))


def is_literal(value: Any) -> bool:
    """Whether a value is a plain text that may be a secret: no format string, variable, path or placeholder."""
    if not is_text(value) or len(value) < _LEAST or any(char.isspace() for char in value):
        return False
    if "{{" in value or value.startswith(("$", "%", "/", "~", "./", "os.", "env.", "--")) or "getenv" in value:
        return False
    return _NO_SECRET.fullmatch(value) is None


def _is_random(value: str) -> bool:
    """Whether a text has the look of a key: digits among letters, and hardly a character twice."""
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return entropy >= _LEAST_ENTROPY and any(char.isdigit() for char in value)
