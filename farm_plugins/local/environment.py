"""What child processes get of the environment: a list of names, and nothing else of the parent's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ALLOWED = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "OCIO", "SHELL",
    "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "SYSTEMROOT", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
    "PGPASSFILE", "PGSSLMODE", "PGSSLROOTCERT", "SSL_CERT_FILE",
})  # fmt: skip
ALLOWED_PREFIXES = ("LC_", "SHOTMILL_")


def child_environment(parent: Mapping[str, str], *, gpus: Sequence[int] = ()) -> dict[str, str]:
    """The environment of a child process.

    Args:
        parent: the whole environment, which may hold secrets.
        gpus: indices of the devices it may use; others are hidden from it.
    """
    kept = {name: value for name, value in parent.items() if name in ALLOWED or name.startswith(ALLOWED_PREFIXES)}
    kept["CUDA_VISIBLE_DEVICES"] = ",".join(str(index) for index in gpus)
    return kept
