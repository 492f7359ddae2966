"""``rpc``: what hosts talk to."""

from __future__ import annotations

import click


@click.command("rpc", help="Answer one question of a host: JSON on standard input, JSON lines on standard output.")
@click.pass_context
def rpc_command(ctx: click.Context) -> int:
    """Answer one question; the exit code: 0 done, 1 failed, 2 refused."""
    from ...rpc.serve import serve

    home = ctx.find_root().ensure_object(dict).get("home")
    return serve(home)
