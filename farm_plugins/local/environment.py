"""What child processes get of the environment: a list of names, and nothing else of the parent's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ALLOWED = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "OCIO", "SHELL",
    "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "SYSTEMROOT", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
    "PGPASSFILE", "PGSSLMODE", "PGSSLROOTCERT", "SSL_CERT_FILE",
})  # fmt: skip
ALLOWED_PREFIXES = ("LC_", "SHOTMILL_")
ATTEMPT = "SHOTMILL_ATTEMPT"  # whose work a process does, so that the engine finds what it left behind
NUMBER = "SHOTMILL_ATTEMPT_NUMBER"  # which attempt it is; the argv of a task does not tell
DATABASE = "SHOTMILL_DATABASE"  # its URL may hold a password; only the publish step needs it
DEVICES = "CUDA_VISIBLE_DEVICES"
PASSED = "SHOTMILL_PASS_ENVIRONMENT"  # the setting: names that this studio adds


def allowed_environment(parent: Mapping[str, str]) -> dict[str, str]:
    """What of an environment an engine process keeps.

    Args:
        parent: the whole environment, which may hold secrets.
    """
    allowed = ALLOWED | set(parent.get(PASSED, "").split(","))
    return {name: value for name, value in parent.items() if name in allowed or name.startswith(ALLOWED_PREFIXES)}


def child_environment(
    parent: Mapping[str, str], *, gpus: Sequence[str] = (), attempt: str = "", publishes: bool = False
) -> dict[str, str]:
    """The environment of a process that does a task.

    Args:
        parent: the engine's own.
        gpus: names of the devices it may use; others are hidden from it.
        attempt: whose work it does.
        publishes: whether it needs the database.
    """
    kept = allowed_environment(parent)
    if not publishes:
        kept.pop(DATABASE, None)
    kept[ATTEMPT] = attempt
    kept[DEVICES] = ",".join(gpus)
    return kept
