"""Tasks that are told to end: by the engine that runs them, which they must hear, or by somebody else."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shotmill.pipeline.store.jobs import attempts_of
from shotmill.schema.states import State

if TYPE_CHECKING:
    from engine_studio import Studio

WARM_AND_COLD = pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])


@pytest.mark.slow
@WARM_AND_COLD
def test_a_sigterm_from_elsewhere_costs_an_attempt_and_cancels_nothing(
    warm: bool, embedded: Studio, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    made = embedded.submit(action="gate", trace=str(trace), warm=warm)
    embedded.until(trace.exists)
    os.kill(int(trace.read_text().split()[1]), signal.SIGTERM)
    embedded.until(lambda: "told to end by somebody else" in str(attempts_of(embedded.database, made.job.id)))
    Path(f"{trace}.open").touch()
    assert embedded.wait(made).state is State.SUCCEEDED, embedded.log()
