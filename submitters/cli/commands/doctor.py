"""``doctor``: what this machine needs, whether it is there, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ....schema.errors import EXIT_UNAVAILABLE
from ....schema.machine import CheckOut, DoctorOut
from ..output import json_option, print_json
from ..studio import studio


@click.command(
    "doctor", help="Check everything this machine needs, and say how to mend it; exit 69 when something is broken."
)
@click.option("--engine", default="", help="check the connection to this farm, and that alone; such as opencue")
@json_option
@click.pass_context
def doctor_command(ctx: click.Context, engine: str, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Check the machine, or a farm."""
    from ....farm_plugins.engines import LOCAL
    from ..checks import all_checks, farm, problems_of

    loaded = studio(ctx).readable
    wanted = engine or loaded.settings.engine
    farms = [] if wanted == LOCAL else [farm(loaded.settings, wanted)]
    machine = [] if farms and engine else all_checks(loaded.settings)
    return show_checks([*problems_of(loaded), *machine, *farms], as_json=as_json)


def show_checks(checks: Sequence[CheckOut], *, as_json: bool) -> int:
    """Print what was checked; the exit code."""
    broken = [check for check in checks if check.needed and not check.ok]
    if as_json:
        print_json(DoctorOut(ok=not broken, checks=tuple(checks)))
        return EXIT_UNAVAILABLE if broken else 0
    for check in checks:
        sign = "ok  " if check.ok else "FAIL" if check.needed else "note"
        print(f"{sign}  {check.name:<16} {check.found}")
        if not check.ok and check.mend:
            print(f"      what to do: {check.mend}")
    if broken:
        print(f"{len(broken)} of {len(checks)} must be mended: {', '.join(check.name for check in broken)}")
        return EXIT_UNAVAILABLE
    print("everything that is needed is there")
    return 0
