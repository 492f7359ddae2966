"""Loading a studio's code: what cannot be loaded is an error that names the file, never left out."""

from __future__ import annotations

import importlib
import importlib.util
import sysconfig
import traceback
from functools import reduce
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ...schema.errors import PluginLoadError
from ...schema.hooks import StudioCode
from ...schema.names import plain_text
from ..hashes import hash_file

SHOWN = 16  # digits of a file's hash
HERE = "shotmill doctor lists what this machine has"


def load(code: StudioCode, *, what: str) -> object:
    """The class or function.

    Args:
        code: where it is.
        what: for messages, such as ``hook 'slate'``.

    Raises:
        PluginLoadError: it is not there or does not import; names the file and the line.
    """
    module_name, _, name = code.call.partition(":")
    try:
        module = importlib.import_module(module_name)
        return reduce(getattr, name.split("."), module)
    except AttributeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is None:
            raise PluginLoadError(
                f"{what}: {module_name} has no {name}; mend {code.call}", hint=HERE, plugin=code.call
            ) from error
        raise _not_loaded(code, what, error) from error
    except (Exception, SystemExit) as error:
        raise _not_loaded(code, what, error) from error


def _not_loaded(code: StudioCode, what: str, error: BaseException) -> PluginLoadError:
    place = _place(error)
    why = plain_text(f"{type(error).__name__}: {error}")
    return PluginLoadError(
        f"{what} ({code.call}) cannot be loaded{f': {place}' if place else ''}: {why}",
        hint=HERE,
        plugin=code.call,
        path=place.partition(", line")[0] or None,
    )


def _place(error: BaseException) -> str:
    """Where an import failed: the last line that is neither Python's own, nor pyblish's, nor of this file."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if not _is_on_the_way(one.filename)]
    return f"{own[-1].filename}, line {own[-1].lineno}" if own else ""


def _is_on_the_way(filename: str) -> bool:
    """Whether a file is Python's, pyblish's or this one: they are on the way of every import."""
    parts = Path(filename).parts
    if "site-packages" in parts or "dist-packages" in parts:
        return "pyblish" in parts
    return filename.startswith((sysconfig.get_path("stdlib"), "<frozen ", __file__))


def version_of(call: str, wheel: str = "") -> str | None:
    """The version that is here of a wheel, or of the module's file; None: it is not here. Runs none of the module.

    Args:
        call: ``module:name``.
        wheel: empty: the module is looked for on the Python path.
    """
    if wheel:
        try:
            return version(wheel)
        except PackageNotFoundError:
            return None
    try:
        found = importlib.util.find_spec(call.partition(":")[0])
        return None if found is None or not found.origin else hash_file(Path(found.origin))[0][:SHOWN]
    except (Exception, SystemExit):  # noqa: BLE001 - a package around it does not import; loading it says why
        return None


def check_version(code: StudioCode, *, what: str, any_version: bool) -> str:
    """See that the code here is that which the job was submitted with.

    Returns:
        A note where it is another and that is allowed; empty: it is the same.

    Raises:
        PluginLoadError: it is not here, or another version is.
    """
    here = version_of(code.call, code.wheel)
    if here == code.version:
        return ""
    if here is None:
        raise PluginLoadError(
            f"{what} is not on this machine: the job was submitted with {code.source} ({code.call})",
            hint="install it on this host, or put it on its PYTHONPATH, and run the publish again",
            plugin=code.call,
        )
    of = f"{code.wheel or code.call.partition(':')[0]}"
    if any_version:
        return f"{what} ran as {of} {here}; the job was submitted with {code.version}"
    raise PluginLoadError(
        f"{what} is another on this machine: {of} {here}; the job was submitted with {code.version}",
        hint="install that version here and run the publish again, or allow any with the setting hooks_any_version",
        plugin=code.call,
    )
