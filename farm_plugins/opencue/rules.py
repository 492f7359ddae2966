"""Cuebot's rules for names, texts and numbers, each with the fix.

Cuebot refuses late, in words that name neither field nor fix, or takes a value and does otherwise. Nothing that is
checked here gets that far.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ...schema.errors import BadRequestError, FrameSpecError, NameRuleError
from ...schema.frames import FrameSet
from ...schema.names import check_text

# Widths of the columns in Cuebot's database.
MAX_JOB_NAME = 255
MAX_FACILITY = 36
MAX_SHOW = 512
MAX_SHOT = 64
MAX_USER = 32
MAX_EMAIL = 256
MAX_LAYER_NAME = 256
MAX_COMMAND = 4000
MAX_RANGE = 4000
MAX_TAGS = 4000
MAX_SERVICES = 128
MAX_LIMIT = 255
MAX_ENV_NAME = 2048
MAX_ENV_VALUE = 2048
MAX_OS = 12
MAX_OUTPUT = 2048
# What its spec reader allows.
MIN_NAME = 3
MAX_LAYERS = 2000
MAX_FRAMES = 100_000  # in all jobs of a spec, counted as chunks
MIN_CORES, MAX_CORES = 0.1, 24.0  # 10 and 2400 core points; below it books 1 core, above it 24
MIN_MEMORY_MIB = 256  # less is raised
MAX_GPU_MEMORY_MIB = 102_400  # more is taken for none at all
MAX_SPEC_RETRIES = 1  # more is cut to this; the rest is asked for after the launch
MAX_INT = 2**31 - 1

_NAME = re.compile(r"[A-Za-z0-9_.-]{3,}\Z")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*\Z")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_FRAME_NAME = re.compile(r"[0-9]{4,6}-[A-Za-z0-9_]+\Z")
_NMTOKEN = re.compile(r"[A-Za-z0-9_.:-]+\Z")  # the part of it that is plain


def conformed(name: str) -> str:
    """A name as Cuebot keeps it: lower case, ``_`` for ``-``, never two ``_`` in a row."""
    return re.sub(r"__+", "_", name.lower().replace("-", "_"))


def check_plain(value: str, *, field: str, most: int) -> str:
    """Text that arrives as it was sent: not empty, not too long, nothing around it that Cuebot would trim.

    Raises:
        NameRuleError: names the field, the rule and the fix.
    """
    if not value.strip():
        raise NameRuleError(f"{field} is empty, which Cuebot refuses; give it or leave it out", field=field)
    if value != value.strip():
        raise NameRuleError(
            f"{field} {value[:80]!r} has blanks around it, which Cuebot trims; remove them", field=field
        )
    return check_text(value, field=field, max_length=most)


def check_conformed(value: str, *, field: str, most: int) -> str:
    """The name as Cuebot keeps it.

    Raises:
        NameRuleError: it is too short, too long, or holds other characters than Cuebot takes.
    """
    check_plain(value, field=field, most=most)
    found = conformed(value)
    if len(found) < MIN_NAME or not _NAME.match(found):
        raise NameRuleError(
            f"{field} {value!r} must have at least {MIN_NAME} letters, digits, '_' or '.' for OpenCue"
            f"{_kept_as(value, found)}; rename it",
            field=field,
        )
    return found


def _kept_as(value: str, found: str) -> str:
    return f" (it keeps {found!r} of it)" if found != value else ""


def check_job_name(value: str) -> str:
    """The suffix of a job's name as Cuebot keeps it, behind show, shot and user.

    Raises:
        NameRuleError: see ``check_conformed``; a leading ``_`` does not count, since Cuebot drops it.
    """
    check_plain(value, field="job name", most=MAX_JOB_NAME)
    return check_conformed(conformed(value).lstrip("_") or value[:1], field="job name", most=MAX_JOB_NAME)


def check_show(value: str) -> str:
    """A show as it was made: Cuebot looks it up as it is given."""
    check_plain(value, field="show", most=MAX_SHOW)
    if not _NAME.match(value):
        raise NameRuleError(
            f"show {value!r} must have at least {MIN_NAME} letters, digits, '_', '-' or '.' for OpenCue; "
            "give a show that Cuebot has",
            field="show",
        )
    return value


def check_user(value: str) -> str:
    """A login name that RQD can run frames as.

    Raises:
        NameRuleError: it is no login name, or too long.
        BadRequestError: it is root.
    """
    check_plain(value, field="user", most=MAX_USER)
    if value == "root":
        raise BadRequestError("Cuebot launches nothing as root; submit as another user, or set 'user'", field="user")
    if not _USER.match(value):
        raise NameRuleError(
            f"user {value!r} is no login name that farm hosts can have: letters, digits, '_', '.', '-', '@'; "
            "set another one with 'user'",
            field="user",
        )
    return value


def check_uid(value: int | None) -> int | None:
    """A user id that is not root's."""
    if value == 0:
        raise BadRequestError(
            "uid 0 is root, as whom Cuebot launches nothing; submit as another user, or give another uid", field="uid"
        )
    if value is not None:
        check_between(value, field="uid", least=1, most=MAX_INT, why="user ids are", fix="give the submitter's")
    return value


def check_between(value: float, *, field: str, least: float, most: float, why: str, fix: str) -> None:
    """Refuse a number that Cuebot would take and make another of.

    Raises:
        BadRequestError: names the bounds, why they are there, and the fix.
    """
    if not least <= value <= most:
        raise BadRequestError(f"{field} is {value}; {why} {least} to {most}; {fix}", field=field)


def check_cores(value: float, *, field: str) -> float:
    """Cores in tenths, which Cuebot neither raises nor cuts."""
    check_between(
        value,
        field=field,
        least=MIN_CORES,
        most=MAX_CORES,
        why="OpenCue books, without saying so, only",
        fix="ask for fewer or more cores, or run it on another engine",
    )
    if round(value, 1) != value:
        raise BadRequestError(f"{field} is {value}; OpenCue counts tenths of cores; round it", field=field)
    return value


def check_command(value: str, *, field: str) -> str:
    """A command that fits its column."""
    if len(value) > MAX_COMMAND:
        raise BadRequestError(
            f"{field} has {len(value)} characters, Cuebot keeps {MAX_COMMAND}; use a shorter 'jobs_root' or command, "
            "parameters belong into the bundle",
            field=field,
        )
    return check_plain(value, field=field, most=MAX_COMMAND)


def check_frames(frames: FrameSet, *, field: str) -> FrameSet:
    """Frames that Cuebot can name, in a range that fits its column.

    Raises:
        FrameSpecError: names the frame or the length, and the fix.
    """
    if frames.first < 0:
        raise FrameSpecError(
            f"{field} begins at {frames.first}; OpenCue cannot name frames below 0; renumber the plate, or run it on "
            "another engine",
            field=field,
            frame=frames.first,
        )
    if len(str(frames)) > MAX_RANGE:
        raise FrameSpecError(
            f"{field} has {len(str(frames))} characters, Cuebot keeps {MAX_RANGE}; split the job, or use ranges with "
            "fewer gaps",
            field=field,
        )
    return frames


def check_frame_name(value: str, *, field: str) -> str:
    """The name of one frame in a depend, such as ``0101-render``."""
    if not _FRAME_NAME.match(value):
        raise NameRuleError(
            f"{field} {value[:80]!r} is no frame that a depend can name: four to six digits, '-', and a layer without "
            "dots, such as 0101-render; depend on the layer instead",
            field=field,
        )
    return value


def check_tags(tags: Iterable[str], *, field: str) -> tuple[str, ...]:
    """Tags of hosts, none named twice.

    Raises:
        NameRuleError: names the tag, the rule and the fix.
    """
    found = tuple(dict.fromkeys(tags))
    for tag in found:
        if not _NAME.match(tag):
            raise NameRuleError(
                f"{field}: tag {tag[:80]!r} must have at least {MIN_NAME} letters, digits, '_', '-' or '.'; give tags "
                "that hosts have, one by one",
                field=field,
            )
    _check_sum(" | ".join(found), field=field, most=MAX_TAGS)
    return found


def check_services(services: Iterable[str], *, field: str) -> tuple[str, ...]:
    """Services, at least one; the first that Cuebot has decides the defaults."""
    found = tuple(dict.fromkeys(services))
    if not found:
        raise BadRequestError(f"{field} is empty; name one that Cuebot has, such as 'shell' or 'default'", field=field)
    for service in found:
        check_plain(service, field=field, most=MAX_SERVICES)
    _check_sum(",".join(found), field=field, most=MAX_SERVICES)
    return found


def check_limits(limits: Iterable[str], *, field: str) -> tuple[str, ...]:
    """Limits, none empty or named twice."""
    return tuple(dict.fromkeys(check_plain(limit, field=field, most=MAX_LIMIT) for limit in limits))


def _check_sum(text: str, *, field: str, most: int) -> None:
    if len(text) > most:
        raise BadRequestError(
            f"{field} have {len(text)} characters together, Cuebot keeps {most}; name fewer", field=field
        )


def check_environment(env: Mapping[str, str], *, field: str) -> dict[str, str]:
    """Environment variables in the order of their names.

    Raises:
        NameRuleError: names the variable, the rule and the fix.
    """
    for name, value in env.items():
        if not _ENV_NAME.match(name) or len(name) > MAX_ENV_NAME:
            raise NameRuleError(
                f"{field}: {name[:80]!r} is no name of an environment variable: letters, digits and '_'; rename it",
                field=field,
            )
        if value:
            check_plain(value, field=f"{field}.{name}", most=MAX_ENV_VALUE)
    return dict(sorted(env.items()))


def check_token(value: str, *, field: str) -> str:
    """A name that XML takes as one."""
    if not _NMTOKEN.match(value):
        raise NameRuleError(
            f"{field} {value[:80]!r} may hold letters, digits, '_', '-', '.' and ':'; rename it", field=field
        )
    return value
