"""The click group: loads a command when it is named, and turns errors into one line and an exit code."""

from __future__ import annotations

import errno
import importlib
import io
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ...schema.errors import EXIT_USAGE, BadRequestError, NameRuleError, ShotmillError
from .follow import EXIT_INTERRUPTED
from .table import COMMANDS, root_help

# Paths that a person mistyped; everything else that the system refuses is a matter of disks and permissions.
NO_SUCH_PLACE = frozenset({
    errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENOENT, errno.EEXIST, errno.EINVAL
})  # fmt: skip
EXIT_BROKEN = 70  # sysexits.h EX_SOFTWARE: a fault of Shotmill's own


class LazyGroup(click.Group):
    """Commands by the static table; a module is imported when its command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__package__}.commands.{COMMANDS[cmd_name][0]}")
        found: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return found

    def get_help(self, ctx: click.Context) -> str:
        """The same text that is printed without click."""
        del ctx
        return root_help()

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command that is named; an unknown one is answered with its neighbours."""
        if args and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=3)
            known = f"did you mean: {', '.join(near)}" if near else "shotmill --help lists them"
            raise click.UsageError(f"there is no command {args[0]!r}; {known}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup)
@click.option("--home", type=click.Path(file_okay=False), help="folder of the embedded database and the jobs")
@click.pass_context
def root(ctx: click.Context, home: str | None) -> None:
    """Typed farm jobs for visual effects, published exactly once."""
    ctx.obj = {"home": home}


def invoke(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. What it raises is told in one line on standard error."""
    as_json = "--json" in arguments
    _accept_any_text()
    try:
        _check_words(arguments)
        with root.make_context("shotmill", list(arguments)) as context:
            found = root.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _say_interruption()
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.ctx.get_help(), file=sys.stderr)
        return EXIT_USAGE
    except click.ClickException as error:
        return _say_usage(error, arguments, as_json=as_json)
    except ShotmillError as error:
        return say_error(error, as_json=as_json)
    except OSError as error:
        return say_system(error, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line, and the traceback in a file
        return _say_interruption() if _is_interruption(error) else _say_fault(error, as_json=as_json)
    return found if isinstance(found, int) else 0


def _check_words(arguments: Sequence[str]) -> None:
    """Bytes that are no text can neither be stored nor travel in a job.

    Raises:
        NameRuleError: names the word.
    """
    for number, word in enumerate(arguments, start=1):
        if "\0" in word or any("\ud800" <= char <= "\udfff" for char in word):
            shown = ascii(word[:80])
            raise NameRuleError(f"word {number} of the command, {shown}, is no text in UTF-8; rename the file")


def _accept_any_text() -> None:
    """File names may hold bytes that no encoding knows; they are printed escaped instead of ending the command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def say_error(error: ShotmillError, *, as_json: bool) -> int:
    """Print an error of ours on standard error: what happened, then what to do; its exit code."""
    _say(error.code, error.slug, error.message, hint=error.hint, as_json=as_json, error=error)
    return error.exit_code


def _say(
    code: str,
    slug: str,
    message: str,
    *,
    hint: str,
    as_json: bool,
    error: ShotmillError | None = None,
) -> None:
    if as_json:
        fields, retryable = (error.fields, error.retryable) if error else ({}, False)
        document = {"code": code, "slug": slug, "message": message, "hint": hint}
        print(json.dumps({**document, "fields": fields, "retryable": retryable}), file=sys.stderr)
        return
    print(f"{code} {_printable(message)}", file=sys.stderr)
    if hint:
        print(f"what to do: {_printable(hint)}", file=sys.stderr)


def _printable(text: str) -> str:
    """Text without anything that could drive a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _say_usage(error: click.ClickException, arguments: Sequence[str], *, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else _command_of(arguments)
    _say("E200", "bad-request", error.format_message(), hint=f"{where} --help", as_json=as_json)
    return EXIT_USAGE


def _command_of(arguments: Sequence[str]) -> str:
    """The command that somebody typed, for what click tells of no command: an option that lacks its value, say."""
    words = ["shotmill"]
    command: click.Command | None = root
    for word in arguments:
        command = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if command is None:
            break
        words.append(word)
    return " ".join(words)


def say_system(error: OSError, *, as_json: bool) -> int:
    """The operating system said no; a reader of our output that went away, as `head` does, is nothing to tell."""
    if error.filename is None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter meets the same error once more at its end
    if isinstance(error, BrokenPipeError):
        return 0
    place = Path(os.fsdecode(error.filename)) if error.filename is not None else Path("standard output")
    return say_error(_as_ours(place, error), as_json=as_json)


def _as_ours(place: Path, error: OSError) -> ShotmillError:
    if error.errno in NO_SUCH_PLACE:
        shown = f"{str(place)[:200]!r}"
        return BadRequestError(f"{shown}: {(error.strerror or str(error)).lower()}; give another path", path=shown)
    from ...pipeline.files import storage_error

    return storage_error(place, error)


def _say_interruption() -> int:
    print("interrupted", file=sys.stderr)
    return EXIT_INTERRUPTED


def _is_interruption(error: BaseException) -> bool:
    """Whether Ctrl-C is behind an error: a library of C++ that is just imported makes an ImportError of it."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        cause = cause.__cause__
    return cause is not None


def _say_fault(error: Exception, *, as_json: bool) -> int:
    """A fault of our own: one line for the user, the traceback in a file that can be sent."""
    text = "".join(traceback.format_exception(error))
    try:
        handle, place = tempfile.mkstemp(prefix="shotmill-fault-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
        hint = f"report it with {place}"
    except OSError:
        print(text, file=sys.stderr)
        hint = "report it with the text above"
    message = f"a fault of Shotmill itself: {type(error).__name__}: {error}"
    _say(ShotmillError.code, ShotmillError.slug, message, hint=hint, as_json=as_json)
    return EXIT_BROKEN
