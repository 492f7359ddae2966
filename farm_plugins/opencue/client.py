"""Calls to Cuebot: every one ends within its deadline, and what goes wrong is said in one sentence."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import grpc
from opencue_proto import (
    comment_pb2,
    cue_pb2,
    cue_pb2_grpc,
    depend_pb2,
    facility_pb2,
    facility_pb2_grpc,
    job_pb2,
    job_pb2_grpc,
    limit_pb2,
    limit_pb2_grpc,
    service_pb2,
    service_pb2_grpc,
    show_pb2,
    show_pb2_grpc,
)

from ...schema.errors import EngineError, EngineRefusedError, EngineUnreachableError
from .model import UnknownError

DEFAULT_PORT = 8443
PAGE = 500  # Cuebot's own
DELETED = "Failed to find job data"  # INTERNAL, of a job that was there when it was asked for
# Widths of Cuebot's columns.
MAX_SUBJECT = 128
MAX_MESSAGE = 4000
MAX_COMMENTER = 36
_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.max_receive_message_length", -1),  # two thousand layers with their commands are more than 4 MiB
    ("grpc.enable_http_proxy", 0),
]
_GONE = frozenset({grpc.StatusCode.UNAVAILABLE})
_SILENT = frozenset({grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED})


class CueClient:
    """One Cuebot, or several that stand for each other.

    Args:
        hosts: ``host`` or ``host:port``; the first that answers is used.
        timeout_s: seconds that one call may take, whatever happens.
        user: who asks.
    """

    def __init__(self, hosts: Sequence[str], *, timeout_s: float, user: str) -> None:
        self._hosts = [host if ":" in host else f"{host}:{DEFAULT_PORT}" for host in hosts]
        self._timeout_s = timeout_s
        self._user = user
        self._channels: dict[str, grpc.Channel] = {}

    def close(self) -> None:
        """Let go of the connections."""
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()

    def greet(self) -> str:
        """The address of the Cuebot that answers."""
        self._call(cue_pb2_grpc.CueInterfaceStub, "GetSystemStats", cue_pb2.CueGetSystemStatsRequest())
        return self._hosts[0]

    # What a site has

    def is_active_show(self, name: str) -> bool | None:
        """Whether a show is active; None: there is no such show."""
        request = show_pb2.ShowFindShowRequest(name=name)
        try:
            return bool(self._call(show_pb2_grpc.ShowInterfaceStub, "FindShow", request).show.active)
        except UnknownError:
            return None

    def active_shows(self) -> list[str]:
        """The names of shows that take jobs."""
        request = show_pb2.ShowGetActiveShowsRequest()
        found = self._call(show_pb2_grpc.ShowInterfaceStub, "GetActiveShows", request)
        return sorted(show.name for show in found.shows.shows)

    def has_facility(self, name: str) -> bool:
        """Whether there is a facility of this name."""
        request = facility_pb2.FacilityGetRequest(name=name)
        try:
            self._call(facility_pb2_grpc.FacilityInterfaceStub, "Get", request)
        except UnknownError:
            return False
        return True

    def limits(self) -> list[str]:
        """The names of all limits."""
        found = self._call(limit_pb2_grpc.LimitInterfaceStub, "GetAll", limit_pb2.LimitGetAllRequest())
        return sorted(limit.name for limit in found.limits)

    def services(self) -> list[str]:
        """The names of all services."""
        request = service_pb2.ServiceGetDefaultServicesRequest()
        found = self._call(service_pb2_grpc.ServiceInterfaceStub, "GetDefaultServices", request)
        return sorted(service.name for service in found.services.services)

    # Jobs

    def launch(self, xml: bytes) -> Any:
        """Launch a spec of one job; the job."""
        return self._jobs("LaunchSpecAndWait", job_pb2.JobLaunchSpecAndWaitRequest(spec=xml.decode())).jobs.jobs[0]

    def job(self, job_id: str) -> Any | None:
        """The job of this id, also one that has ended; None: Cuebot has none (any more)."""
        try:
            return self._jobs("GetJob", job_pb2.JobGetJobRequest(id=job_id)).job
        except UnknownError:
            return None

    def newest_job(self, name: str) -> Any | None:
        """The job of this name that was launched last, also one that has ended; None: there is none."""
        wanted = job_pb2.JobSearchCriteria(jobs=[name], include_finished=True)
        found = self._jobs("GetJobs", job_pb2.JobGetJobsRequest(r=wanted)).jobs.jobs
        going = [job for job in found if job.name == name and job.state != job_pb2.FINISHED]
        ended = [job for job in found if job.name == name and job.state == job_pb2.FINISHED]
        return max(going or ended, key=lambda job: job.start_time, default=None)

    def layers(self, job: Any) -> list[Any]:
        """The layers of a job."""
        return list(self._jobs("GetLayers", job_pb2.JobGetLayersRequest(job=job)).layers.layers)

    def frames(self, job: Any) -> list[Any]:
        """All frames of a job, page by page."""
        return list(self._pages(job))

    def _pages(self, job: Any) -> Iterator[Any]:
        total, seen, page = job.job_stats.total_frames, 0, 1
        while True:
            wanted = job_pb2.FrameSearchCriteria(page=page, limit=PAGE)
            found = self._jobs("GetFrames", job_pb2.JobGetFramesRequest(job=job, req=wanted)).frames.frames
            yield from found
            seen, page = seen + len(found), page + 1
            if not found or seen >= total:
                return

    def comments(self, job: Any) -> list[str]:
        """The subjects of what was said about a job."""
        found = self._jobs("GetComments", job_pb2.JobGetCommentsRequest(job=job)).comments.comments
        return [comment.subject for comment in found]

    def comment(self, job: Any, subject: str, message: str) -> None:
        """Say something about a job, for those who look at it on the farm."""
        said = comment_pb2.Comment(
            user=self._user[:MAX_COMMENTER], subject=subject[:MAX_SUBJECT], message=message[:MAX_MESSAGE]
        )
        self._jobs("AddComment", job_pb2.JobAddCommentRequest(job=job, new_comment=said))

    def set_retries(self, job: Any, retries: int) -> None:
        """How often a frame is run again; a spec cannot ask for more than once."""
        self._jobs("SetMaxRetries", job_pb2.JobSetMaxRetriesRequest(job=job, max_retries=retries))

    def resume(self, job: Any) -> None:
        """Let a paused job begin."""
        self._jobs("Resume", job_pb2.JobResumeRequest(job=job))

    def kill(self, job: Any, *, reason: str) -> None:
        """End a job. Cuebot does nothing, and says nothing of it, where no reason is given."""
        host = socket.gethostname()
        request = job_pb2.JobKillRequest(
            job=job, username=self._user, pid=str(os.getpid()), host_kill=host, reason=reason or "no reason given"
        )
        self._jobs("Kill", request)

    def retry(self, job: Any, frame_ids: Sequence[str]) -> None:
        """Run frames again; they keep their ids."""
        for start in range(0, len(frame_ids), PAGE):
            wanted = job_pb2.FrameSearchCriteria(ids=frame_ids[start : start + PAGE], page=1, limit=PAGE)
            self._jobs("RetryFrames", job_pb2.JobRetryFramesRequest(job=job, req=wanted))

    def register_output(self, layer: Any, path: str) -> None:
        """Name a place that CueGUI offers to open."""
        request = job_pb2.LayerRegisterOutputPathRequest(layer=layer, spec=path)
        self._call(job_pb2_grpc.LayerInterfaceStub, "RegisterOutputPath", request)

    def wait_for(self, layer: Any, other: Any) -> None:
        """Let a layer wait for another one once more, although that was done before."""
        request = job_pb2.LayerCreateDependOnLayerRequest(layer=layer, depend_on_layer=other)
        self._call(job_pb2_grpc.LayerInterfaceStub, "CreateDependencyOnLayer", request)

    def drop_depends(self, layer: Any) -> None:
        """Let a layer wait for nothing in its job any more."""
        request = job_pb2.LayerDropDependsRequest(layer=layer, target=depend_pb2.INTERNAL)
        self._call(job_pb2_grpc.LayerInterfaceStub, "DropDepends", request)

    # Calls

    def _jobs(self, method: str, request: Any) -> Any:
        return self._call(job_pb2_grpc.JobInterfaceStub, method, request)

    def _call(self, stub: Callable[[grpc.Channel], Any], method: str, request: Any) -> Any:
        """One call, to the first host that answers.

        Raises:
            EngineUnreachableError: none did in time.
            EngineRefusedError: one said no.
        """
        ends = time.monotonic() + self._timeout_s
        gone: grpc.RpcError | None = None
        for host in list(self._hosts):
            left_s = max(0.001, ends - time.monotonic())
            try:
                reply = getattr(stub(self._channel(host)), method)(request, timeout=left_s)
            except grpc.RpcError as error:
                if _code(error) not in _GONE:
                    raise self._as_ours(error, method) from error
                gone = error
                continue
            self._hosts.sort(key=lambda one: one != host)  # the next call begins where this one ended
            return reply
        raise self._as_ours(gone, method) from gone

    def _channel(self, host: str) -> grpc.Channel:
        if host not in self._channels:
            self._channels[host] = grpc.insecure_channel(host, options=_OPTIONS)
        return self._channels[host]

    def _as_ours(self, error: grpc.RpcError | None, method: str) -> EngineError:
        code = _code(error)
        where = " or ".join(self._hosts)
        said = " ".join(str(getattr(error, "details", lambda: "")() or "").split())
        if code in _GONE | _SILENT:
            how = "cannot be reached" if code in _GONE else f"did not answer within {self._timeout_s:g} s"
            return EngineUnreachableError(
                f"Cuebot at {where} {how}; nothing is lost, try again later, or ask whoever runs it",
                hint="shotmill doctor --engine opencue",
            )
        if code is grpc.StatusCode.NOT_FOUND or DELETED in said:
            return UnknownError(f"Cuebot at {where} does not know it: {said}")
        if code is grpc.StatusCode.UNIMPLEMENTED:
            return EngineRefusedError(
                f"Cuebot at {where} has no call {method}; it is older than the one Shotmill speaks to, or no Cuebot",
                hint="check opencue_hosts",
            )
        return EngineRefusedError(
            f"Cuebot at {where} refused {method}: {said}", hint="shotmill doctor --engine opencue"
        )


def _code(error: grpc.RpcError | None) -> grpc.StatusCode | None:
    told: Any = getattr(error, "code", lambda: None)  # gRPC raises what is an error and a call in one
    code: grpc.StatusCode | None = told()
    return code
