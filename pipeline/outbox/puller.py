"""What a tracker knows, brought home again and again, where its section of the targets file says how often."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import datetime, timedelta

from ...schema.errors import ConfigError, ShotmillError
from ...schema.names import counted
from ..store.pulling import Brought, bring
from .registry import make_target
from .target import Tracker
from .targetsfile import TargetEntry
from .worker import POLL_S, Carried, Studio


class Puller:
    """Pulls from one tracker.

    Args:
        studio: what it works with.
        name: of the target.
    """

    def __init__(self, studio: Studio, name: str) -> None:
        self.stopping = threading.Event()
        self._studio = studio
        self._name = name
        self._pulled: datetime | None = None

    def watch(self) -> None:
        """Pull until somebody says stop; what goes wrong is said, and tried again the next time."""
        while not self.stopping.is_set():
            try:
                self.turn()
            except ShotmillError as error:
                error.message = self._studio.secrets.hide(error.message)
                self._studio.worry(error)
            except Exception as error:  # noqa: BLE001 - a studio's own kind of target may have any fault
                self._studio.worry(ConfigError(f"nothing is pulled from {self._name!r}: {type(error).__name__}"))
            self._studio.clock.wait(self.stopping, POLL_S)

    def turn(self) -> None:
        """Pull, if it is time to.

        Raises:
            ShotmillError: the file is wrong, or the tracker or the database is away.
        """
        file, moment = self._studio.read_targets(), self._studio.clock.now()
        entry = file.targets.get(self._name)
        if entry is None or not entry.pace.pull_s:
            return
        if self._pulled is not None and moment < self._pulled + timedelta(seconds=entry.pace.pull_s):
            return
        self._pulled = moment
        brought = self._pull(entry)
        news = [counted(count, f"new {kind}") for kind, count in sorted(brought.made.items())]
        news += [counted(count, f"changed {kind}") for kind, count in sorted(brought.changed.items())]
        if news:
            self._studio.say(Carried(self._name, ", ".join(news), "pulled"))

    def _pull(self, entry: TargetEntry) -> Brought:
        with closing(make_target(entry, self._studio.secrets)) as target:
            if not isinstance(target, Tracker):
                raise ConfigError(
                    f"target {entry.name!r} is no tracker: nothing can be pulled from it",
                    hint=f"take pull_s out of [{entry.name}] of the targets file",
                )
            return bring(self._studio.database, entry.name, target.pull(None))
