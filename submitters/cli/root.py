"""The click group: loads a command when it is named, and turns errors into one line and an exit code."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ...schema.errors import ShotmillError
from .main import COMMANDS, root_help

EXIT_INTERRUPTED = 130
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
        found: click.Command = getattr(module, f"{cmd_name}_command")
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
    """Run one command; its exit code."""
    as_json = "--json" in arguments
    try:
        found = root.main(args=list(arguments), prog_name="shotmill", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return EXIT_INTERRUPTED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        return _say_usage(error, as_json=as_json)
    except ShotmillError as error:
        return say_error(error, as_json=as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader of our output went away, as `head` does
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: one line, and the traceback in a file
        return _say_fault(error)
    return found if isinstance(found, int) else 0


def say_error(error: ShotmillError, *, as_json: bool) -> int:
    """Print an error of ours on standard error; its exit code."""
    if as_json:
        document = {"code": error.code, "slug": error.slug, "message": error.message, "hint": error.hint}
        print(json.dumps({**document, "fields": error.fields, "retryable": error.retryable}), file=sys.stderr)
    else:
        print(f"{error.code} {error.message}", file=sys.stderr)
        if error.hint:
            print(f"what to do: {error.hint}", file=sys.stderr)
    return error.exit_code


def _say_usage(error: click.ClickException, *, as_json: bool) -> int:
    from ...schema.errors import EXIT_USAGE

    message = error.format_message()
    if as_json:
        print(json.dumps({"code": "E200", "slug": "usage", "message": message}), file=sys.stderr)
    else:
        print(f"E200 {message}", file=sys.stderr)
        context = getattr(error, "ctx", None)
        where = context.command_path if context is not None else "shotmill"
        print(f"what to do: {where} --help", file=sys.stderr)
    return EXIT_USAGE


def _say_fault(error: Exception) -> int:
    """A fault of our own: one line for the user, the traceback in a file that can be sent."""
    place = Path(os.environ.get("TMPDIR", "/tmp")) / f"shotmill-fault-{os.getpid()}-{int(time.time())}.log"  # noqa: S108
    try:
        place.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        where = f"the details are in {place}"
    except OSError:
        traceback.print_exception(error)
        where = "the details are above"
    print(f"E100 {type(error).__name__}: {error}; this is a fault of Shotmill, {where}", file=sys.stderr)
    return EXIT_BROKEN
