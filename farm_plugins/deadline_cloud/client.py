"""Requests to Deadline Cloud, as the user's own ``deadline config`` says; botocore is loaded by the first of them.

A request that is throttled, or that meets a broken line, is sent again after a growing pause, until the time for it is
over. Requests that change something may be repeated: they say what is wanted, not what is to be done.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...schema.errors import EngineRefusedError, EngineUnreachableError
from .config import Place
from .failures import as_ours, is_passing, refusal
from .session import open_client, open_session, secrets_in

if TYPE_CHECKING:
    from configparser import ConfigParser

BATCH = 100  # of the service's model: ids in a BatchGet or BatchUpdate, results on a page
FIRST_PAUSE_S = 0.2
MAX_PAUSE_S = 5.0
MAX_LOG_LINES = 100_000
_LATER = frozenset({"ThrottlingException", "InternalServerErrorException"})
Record = Mapping[str, Any]


class DeadlineClient:
    """Sends requests, each within its time.

    Args:
        config: see ``deadline_config``.
        timeout_s: seconds after which the service counts as unreachable.
    """

    def __init__(self, config: ConfigParser, *, timeout_s: float) -> None:
        self.config = config
        self.timeout_s = timeout_s
        self._service: Any = None
        self._secrets: list[str] = []

    def call(self, operation: str, **values: Any) -> Record:
        """Send one request, in the snake case of botocore.

        Raises:
            EngineUnreachableError: no answer, or none but 'later', came in time.
            EngineRefusedError: the service said no.
        """
        end = time.monotonic() + self.timeout_s
        pause = FIRST_PAUSE_S
        while True:
            try:
                found: Record = getattr(self._opened(), operation)(**values)
            except Exception as error:
                if not is_passing(error) or end - time.monotonic() < pause:
                    self._service = None  # whoever signs in anew is heard by the next request
                    raise as_ours(error, secrets=self._secrets) from error
            else:
                return found
            time.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - a pause is no secret
            pause = min(2 * pause, MAX_PAUSE_S)

    def takes(self, operation: str, parameter: str) -> bool:
        """Whether this version of botocore knows a parameter of an operation; both as the service names them."""
        model = self._opened().meta.service_model.operation_model(operation)
        return parameter in model.input_shape.members

    def find(self, operation: str, **values: Any) -> Record | None:
        """As ``call``; None where the service does not know what is asked for."""
        try:
            return self.call(operation, **values)
        except EngineRefusedError as error:
            said = refusal(error)
            if said is not None and said.code == "ResourceNotFoundException":
                return None
            raise

    def pages(self, operation: str, key: str, **values: Any) -> Iterator[Record]:
        """All records of a List operation."""
        token: dict[str, str] = {}
        while True:
            page = self.call(operation, maxResults=BATCH, **values, **token)
            yield from page[key]
            if not page.get("nextToken"):
                return
            token = {"nextToken": page["nextToken"]}

    def search(self, operation: str, key: str, **values: Any) -> Iterator[Record]:
        """All records of a Search operation."""
        offset = 0
        while True:
            page = self.call(operation, itemOffset=offset, pageSize=BATCH, **values)
            yield from page[key]
            following = page.get("nextItemOffset")
            if not page[key] or following is None or following <= offset:
                return
            offset = following

    def batches(self, operation: str, key: str, identifiers: Sequence[Mapping[str, str]]) -> Iterator[Record]:
        """The records of a BatchGet operation; those that are gone are left out."""
        for some in _hundreds(identifiers):
            yield from self.call(operation, identifiers=some)[key]

    def update_tasks(self, tasks: Sequence[Mapping[str, str]]) -> None:
        """Give tasks another target state.

        Raises:
            EngineRefusedError: one of them may not have it; says which.
        """
        end = time.monotonic() + self.timeout_s
        waiting = list(tasks)
        while waiting:
            errors = [
                one for some in _hundreds(waiting) for one in self.call("batch_update_task", tasks=some)["errors"]
            ]
            again = {one["taskId"] for one in errors if one["code"] in _LATER}
            for one in errors:
                if (
                    one["taskId"] not in again and one["code"] != "ConflictException"
                ):  # it changed meanwhile: look again
                    raise EngineRefusedError(f"task {one['taskId']} cannot be changed: {one['message']}")
            waiting = [task for task in waiting if task["taskId"] in again]
            if waiting and time.monotonic() > end:
                raise EngineUnreachableError("Deadline Cloud is throttling requests", hint="wait a minute, try again")
            if waiting:
                time.sleep(FIRST_PAUSE_S)

    def session_log(self, place: Place, session: str, *, start_ms: int, end_ms: int) -> list[str]:
        """Lines that a session printed, oldest first; none where they cannot be read."""
        wanted = {"logGroupName": f"/aws/deadline/{place.farm}/{place.queue}", "logStreamName": session}
        lines: list[str] = []
        token: dict[str, str] = {}
        try:
            service = self._logs(place)
            while len(lines) < MAX_LOG_LINES:
                page = service.get_log_events(
                    **wanted, **token, startTime=start_ms, endTime=end_ms, limit=10_000, startFromHead=True
                )
                lines += [str(event["message"]).rstrip() for event in page["events"]]
                following = {"nextToken": page["nextForwardToken"]}
                if following == token or not page["events"]:
                    break
                token = following
        except Exception:  # noqa: BLE001 - our own log is on the disk; the farm's is a second one
            return lines
        return lines

    def queue_session(self, place: Place) -> Any:
        """A session of boto3's with the rights of the queue's users; its bucket is read with them.

        Raises:
            EngineUnreachableError, EngineRefusedError: the service gives none.
        """
        from deadline.client import api  # noqa: PLC0415 - heavy

        try:
            return api.get_queue_user_boto3_session(
                self._opened(), config=self.config, farm_id=place.farm, queue_id=place.queue
            )
        except Exception as error:
            raise as_ours(error, secrets=self._secrets) from error

    def _logs(self, place: Place) -> Any:
        """A client of CloudWatch Logs; whoever signed in through the monitor reads them as the queue's user."""
        from deadline.client import api  # noqa: PLC0415 - heavy

        is_monitors = all(api.get_user_and_identity_store_id(config=self.config))
        session = self.queue_session(place) if is_monitors else open_session(self.config)
        return open_client(session, "logs", self.config, self.timeout_s)

    def _opened(self) -> Any:
        if self._service is None:
            session = open_session(self.config)
            self._secrets = secrets_in(session)
            self._service = open_client(session, "deadline", self.config, self.timeout_s)
        return self._service


def _hundreds(values: Iterable[Any]) -> Iterator[list[Any]]:
    some: list[Any] = []
    for value in values:
        some.append(value)
        if len(some) == BATCH:
            yield some
            some = []
    if some:
        yield some
