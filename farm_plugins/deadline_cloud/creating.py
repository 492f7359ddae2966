"""Makes a job of a bundle whose files stay where they are: CreateJob, and the wait until the service has made it.

The ``deadline`` library does that too, and more: it sends files and runs hooks. Where neither is wanted, loading it
takes longer than all the rest, and so does its first look at the new job, for which it waits a third of a second.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path

from ...schema.errors import EngineRefusedError, EngineUnreachableError
from .client import DeadlineClient
from .config import BUNDLE_HOOKS, ENVIRONMENT_HOOKS, STORAGE_PROFILE, Place, is_on, setting
from .failures import plain_words
from .order import SubmitOrder

CREATE_S = 300.0  # as the library waits
FIRST_PAUSE_S = 0.1
MAX_PAUSE_S = 5.0
HOOKS = ("hooks.yaml", "hooks.json")
HOOKS_VARIABLE = "DEADLINE_HOOKS_DIR"
Tell = Callable[..., None]


def has_hooks(bundle: str, config: ConfigParser) -> bool:
    """Whether somebody's own code is to be run around the submission, which the library does.

    Args:
        bundle: its folder.
        config: see ``deadline_config``.
    """
    if os.environ.get(HOOKS_VARIABLE) and is_on(config, ENVIRONMENT_HOOKS):
        return True
    return is_on(config, BUNDLE_HOOKS) and any(Path(bundle, name).exists() for name in HOOKS)


def create_job(client: DeadlineClient, place: Place, order: SubmitOrder, tell: Tell) -> str:
    """Make the job, and wait until the service has made it; its id.

    Args:
        client: sends the requests.
        place: the queue.
        order: what to submit; its ``request`` holds all that ``deadline bundle submit`` would take from the bundle.
        tell: told that it goes on.

    Raises:
        EngineUnreachableError: the service did not answer, or is busy.
        EngineRefusedError: it said no, or could not make the job.
    """
    asked = {**place.ids, **order.request, "clientToken": order.job}
    asked["template"] = Path(order.bundle, "template.json").read_text(encoding="utf-8")
    asked["templateType"] = "JSON"
    if profile := setting(client.config, STORAGE_PROFILE):
        asked["storageProfileId"] = profile
    if order.description and client.takes("CreateJob", "descriptionOverride"):
        asked["descriptionOverride"] = order.description
    job = str(client.call("create_job", **asked)["jobId"])
    _wait(client, place, job, tell)
    return job


def _wait(client: DeadlineClient, place: Place, job: str, tell: Tell) -> None:
    """Until the service has made a job; silence is waited out, since whoever asked knows how long that may take."""
    end = time.monotonic() + CREATE_S
    pause = FIRST_PAUSE_S
    while True:
        tell("progress", done=None, message="the farm makes the job")
        try:
            found = client.call("get_job", **place.ids, jobId=job)
        except EngineUnreachableError:
            if time.monotonic() > end:
                raise
            continue
        state = found["lifecycleStatus"]
        if state == "CREATE_FAILED":
            why = plain_words(str(found.get("lifecycleStatusMessage") or "it does not say why"))
            raise EngineRefusedError(f"Deadline Cloud could not make the job: {why}", hint="shotmill doctor")
        if state != "CREATE_IN_PROGRESS":
            return
        if time.monotonic() > end:
            raise EngineUnreachableError(
                f"Deadline Cloud has not made job {job} within {CREATE_S:g} seconds", hint="submit again later"
            )
        time.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE_S)
