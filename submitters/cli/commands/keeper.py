"""``keeper``: processes that keep a model loaded between the tasks of a farm."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from ....schema.names import counted
from ..output import age, json_option, print_json, print_table


@click.group("keeper", help="Show or stop the processes that keep models loaded on this host.")
def keeper_command() -> None:
    """Keepers."""


@keeper_command.command("list", help="List keepers of this host.")
@json_option
def list_(as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """List keepers."""
    from ....farm_plugins.keeper.ask import living
    from ....schema.machine import KeeperOut, KeepersOut

    found = tuple(
        KeeperOut(
            model=one.model, gpus=one.gpus, pid=one.pid, busy=one.busy, began=datetime.fromtimestamp(one.began, UTC)
        )
        for one in living()
    )
    if as_json:
        print_json(KeepersOut(keepers=found))
        return
    rows = [[str(one.pid), one.gpus or "-", "yes" if one.busy else "no", age(one.began), one.model] for one in found]
    print_table(["PID", "GPUS", "BUSY", "AGE", "MODEL"], rows, empty="no keeper lives on this host")


@keeper_command.command("start", help="Start the keeper of an OpenJD session; for a job's environment.")
def start() -> None:
    """Start a keeper that lives as long as the session."""
    from ....farm_plugins.keeper.ask import start as start_keeper
    from ....farm_plugins.keeper.place import KEEPER, session_place

    place = session_place()
    start_keeper(place, {name: value for name, value in os.environ.items() if name != "SHOTMILL_DATABASE"})
    print(f"openjd_env: {KEEPER}={place.folder}")


@keeper_command.command("stop", help="Stop the keeper of this session, or all keepers of this host that do nothing.")
def stop() -> None:
    """Stop keepers."""
    from ....farm_plugins.keeper.ask import send_away
    from ....farm_plugins.keeper.place import KEEPER, Place, known_places

    if folder := os.environ.get(KEEPER):
        send_away(Place(Path(folder)))
        shutil.rmtree(folder, ignore_errors=True)
        return
    left = 0
    for place in known_places():
        with place.held() as idle:
            left += idle and send_away(place)
    print(f"{counted(left, 'keeper')} left" if left else "no keeper that does nothing lives on this host")
