"""Options of one backend, out of those of a job, which go to all of its backends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...schema.errors import ConfigError


def own_options(backend: str, texts: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """The options of a backend: those named ``backend.option``, and those named without a backend.

    Raises:
        ConfigError: the backend has no such option.
    """
    options = {}
    for name, text in sorted(texts.items(), key=lambda each: "." in each[0]):
        whose, dot, option = name.rpartition(".")
        if dot and whose != backend:
            continue
        if option not in known:
            raise ConfigError(
                f"the backend {backend} has no option {option!r}; it has: {', '.join(known) or 'none'}",
                hint=f"name an option of another backend with it, as OTHER.{option}",
                option=name,
            )
        options[option] = text
    return options


def one_of(name: str, value: str, allowed: Iterable[str]) -> str:
    """The value of an option, where it is one of these.

    Raises:
        ConfigError: it is none of them.
    """
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(filter(None, allowed))}, not {value!r}", option=name)
    return value


def number(name: str, text: str, least: int, most: int) -> int:
    """The value of an option as a whole number from ``least`` to ``most``.

    Raises:
        ConfigError: it is none.
    """
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ConfigError(f"{name} must be a whole number from {least} to {most}, not {text!r}", option=name)
    return int(text)
