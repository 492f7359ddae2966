"""Hands bundles to Deadline Cloud: a process of its own, ``python -m`` and the name of this module.

It reads JSON objects from its input, one a line: ``{"ask": "queue", ...}`` and ``{"ask": "submit", ...}``, the latter
with the fields of ``SubmitOrder``. To each it answers in JSON objects, one a line: progress, and at the end a result or
an error. It alone loads botocore, and ``deadline`` with boto3 where files travel or hooks are to be run; whoever asked
does not, and may end it at any time.

The same job is never made twice: the service gets the job's own id as client token, under which it answers a repeated
request with the first job, and a job of this bundle is looked for before, as the service keeps tokens for a day only.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from ...schema.errors import EngineRefusedError, EngineUnreachableError
from .client import DeadlineClient
from .config import Place, deadline_config, place_of
from .creating import Tell, create_job, has_hooks
from .failures import as_ours, plain_words, refusal, secrets_of
from .order import SubmitOrder
from .searching import find_job

if TYPE_CHECKING:
    from configparser import ConfigParser

SUBMITTER = "Shotmill"
COLLECT_AFTER = 200_000  # new objects; Python's 700 walks all that botocore is made of dozens of times while it loads


def main() -> None:
    """Do what the input says, until it ends."""
    gc.set_threshold(COLLECT_AFTER)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # libraries may print

    def tell(kind: str, **values: object) -> None:
        answers.write(json.dumps({"kind": kind, **values}) + "\n")
        answers.flush()

    secrets = secrets_of(os.environ)
    with suppress(Exception):  # told of when something is asked: an order then loads it again
        importlib.import_module("botocore.session")  # takes a while, in which whoever asks does other things
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if asked.pop("ask") == "queue":
                attachments = asked.pop("attachments")
                tell("result", **queue_facts(**asked))
                if attachments:
                    _prepare(asked)
            else:
                tell("result", job=submit_order(SubmitOrder(**asked), tell, secrets=secrets))
        except Exception as error:  # noqa: BLE001 - whoever waits learns of it
            ours = as_ours(error, secrets=secrets)
            tell("error", code=ours.code, message=plain_words(ours.message, secrets), hint=ours.hint)


def queue_facts(*, farm: str, queue: str, timeout_s: float) -> dict[str, Any]:
    """What matters of a queue to those who submit to it: ``has_attachments``.

    Raises:
        EngineUnreachableError: the service did not answer, or is busy.
        EngineRefusedError: no farm or queue is configured, or it is not there.
    """
    client = _client(farm, queue, timeout_s)
    found = client.call("get_queue", **place_of(client.config).ids)
    return {"has_attachments": "jobAttachmentSettings" in found}


def _prepare(asked: Mapping[str, Any]) -> None:
    """Let the library open its own client, before it is needed; what goes wrong is told when it is."""
    from deadline.client import api  # noqa: PLC0415 - heavy: boto3

    with suppress(Exception):
        api.get_boto3_client("deadline", config=_client(**asked).config)


@cache
def _client(farm: str, queue: str, timeout_s: float) -> DeadlineClient:
    return DeadlineClient(deadline_config(farm, queue), timeout_s=timeout_s)


def submit_order(order: SubmitOrder, tell: Tell, *, secrets: Sequence[str] = ()) -> str:
    """Submit a bundle, or find the job that it is already; ``farm-.../queue-.../job-...``.

    Raises:
        EngineUnreachableError: the service did not answer, or is busy.
        EngineRefusedError: it said no.
    """
    client = _client(order.farm, order.queue, order.timeout_s)
    place = place_of(client.config)
    tell("progress", done=0.0, message="looking for the job")
    job = find_job(client, place, bundle=order.bundle, name=order.name)
    if job is None:
        try:
            if order.request and not has_hooks(order.bundle, client.config):
                job = create_job(client, place, order, tell)
            else:
                job = _created(order, place, client.config, tell)
        except Exception as error:
            job = _made_meanwhile(error, client, place, order)
            if job is None:
                raise as_ours(error, secrets=secrets) from error
    return f"{place.farm}/{place.queue}/{job}"


def _created(order: SubmitOrder, place: Place, config: ConfigParser, tell: Tell) -> str:
    """Send the bundle through the ``deadline`` library, as ``deadline bundle submit`` does."""
    from deadline.client import api  # noqa: PLC0415 - heavy: boto3
    from deadline.client.exceptions import DeadlineOperationError  # noqa: PLC0415 - same

    _name_requests(api.get_boto3_client("deadline", config=config), order)

    def moved(progress: Any) -> bool:
        tell("progress", done=progress.progress / 100, message=progress.progressMessage)
        return True

    def said(text: str) -> None:
        heard.append(text)
        tell("progress", done=None, message=plain_words(text))

    def waits() -> bool:
        tell("progress", done=None, message="the farm makes the job")
        return True

    heard: list[str] = []
    try:
        found = api.create_job_from_job_bundle(
            order.bundle,
            [],
            config=config,
            queue_parameter_definitions=api.get_queue_parameter_definitions(
                farmId=place.farm, queueId=place.queue, config=config
            ),
            require_paths_exist=True,
            submitter_name=SUBMITTER,
            known_asset_paths=list(order.known_places),
            print_function_callback=said,
            hashing_progress_callback=moved,
            upload_progress_callback=moved,
            create_job_result_callback=waits,
        )
    except DeadlineOperationError as error:
        if type(error).__name__ == "DeadlineOperationCanceled":
            raise type(error)(" ".join(heard[-2:])) from error
        raise
    if not found:
        raise EngineRefusedError("Deadline Cloud made no job and did not say why", hint="deadline bundle submit BUNDLE")
    return str(found)


def _name_requests(service: Any, order: SubmitOrder) -> None:
    """Let CreateJob carry the job's own id as its token, and a description; the library would draw a token by lot."""

    def add(params: dict[str, Any], model: Any, **_more: Any) -> None:
        params["clientToken"] = order.job
        if order.description and "descriptionOverride" in model.input_shape.members:
            params["descriptionOverride"] = order.description

    service.meta.events.register_first("provide-client-params.deadline.CreateJob", add)


def _made_meanwhile(error: BaseException, client: DeadlineClient, place: Place, order: SubmitOrder) -> str | None:
    """The job that was made although its making failed here: another process used the token before."""
    if refusal(error) is None:  # nobody answers; or the library stopped before it asked
        return None
    try:
        return find_job(client, place, bundle=order.bundle, name=order.name)
    except (EngineUnreachableError, EngineRefusedError):
        return None


if __name__ == "__main__":
    main()
