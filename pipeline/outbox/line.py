"""One target as the worker keeps it: its section, the way to it, and a session made when something is to be said."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from ...schema.errors import (
    ConfigError,
    ShotmillError,
    TargetBusyError,
    TargetRefusedError,
    TargetUnreachableError,
)
from .letter import FactKind
from .pace import Gate
from .registry import make_target
from .secrets import Secrets
from .target import Target
from .targetsfile import TargetEntry

_log = logging.getLogger(__name__)

MEND_S = 30.0  # after which a section that was wrong is looked at again
REFUSED_S = 300.0  # same, of a target that does not let us in: a server locks out who asks too often
OLDEST_S = 60.0  # of a session: one that was opened long ago is dead when it is needed


class Line:
    """The line to one target.

    Args:
        entry: its section of the targets file.
        secrets: of this worker.
        moment: now.
    """

    def __init__(self, entry: TargetEntry, secrets: Secrets, moment: datetime) -> None:
        self.entry = entry
        self.gate = Gate(entry.pace.calls_per_s, moment)
        self.takes: frozenset[FactKind] | None = None
        self.jobs_after: datetime | None = None
        self.jobs_at: datetime | None = None
        self.problem: ShotmillError | None = None
        self._secrets = secrets
        self._target: Target | None = None
        self._made = moment

    def open(self, moment: datetime) -> Target | None:
        """The target, made anew where it has to be; None: not now, ``problem`` or the gate says why."""
        if self._target is not None and moment - self._made > timedelta(seconds=OLDEST_S):
            self.close()
        if self._target is None:
            self._make(moment)
        return self._target

    def _make(self, moment: datetime) -> None:
        self.gate.called(moment)
        try:
            self._target = make_target(self.entry, self._secrets)
            self.takes = self._target.takes
        except TargetUnreachableError:
            self.gate.silent(moment)
        except TargetBusyError as error:
            self.gate.busy(moment, error.wait_s)
        except ShotmillError as error:
            self._lay_down(error, moment)
        except Exception as error:  # noqa: BLE001 - a studio's own kind of target may have any fault
            what = f"target {self.entry.name!r}: a fault of its kind {self.entry.kind!r}: {type(error).__name__}"
            self._lay_down(ConfigError(what, target=self.entry.name), moment)
        else:
            self.problem = None
            self._made = moment

    def _lay_down(self, error: ShotmillError, moment: datetime) -> None:
        self.close()
        error.message, error.hint = self._secrets.hide(error.message), self._secrets.hide(error.hint)
        self.problem = error
        pause_s = REFUSED_S if isinstance(error, TargetRefusedError) else MEND_S
        self.gate.opens = moment + timedelta(seconds=pause_s)

    def close(self) -> None:
        """Let go of the session; the next letter has one of its own."""
        found, self._target = self._target, None
        if found is not None:
            try:
                found.close()
            except Exception as error:  # noqa: BLE001 - it is given up in any case
                _log.warning("target %r does not close: %s", self.entry.name, type(error).__name__)
