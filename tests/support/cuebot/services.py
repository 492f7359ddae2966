"""Cuebot's services, as far as Shotmill and RQD use them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from opencue_proto import comment_pb2, cue_pb2, facility_pb2, job_pb2, limit_pb2, report_pb2, service_pb2, show_pb2

from .bot import Bot
from .jobs import FINISHED, Frame, Job
from .spec import RefusedError

PAGE = 500


class CueService:
    """Is anybody there."""

    def GetSystemStats(self, _request: Any) -> Any:  # noqa: N802 - the protocol's name
        return cue_pb2.CueGetSystemStatsResponse()


class JobService:
    """Jobs."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def LaunchSpecAndWait(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        try:
            jobs = self.bot.launch(request.spec)
        except RefusedError as error:
            raise RefusedError(f"Failed to launch and add job: {error}") from error
        listed = job_pb2.JobSeq(jobs=[job.message() for job in jobs])
        return job_pb2.JobLaunchSpecAndWaitResponse(jobs=listed)

    def FindJob(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        return job_pb2.JobFindJobResponse(job=self.bot.find(request.name).message())

    def GetJob(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        return job_pb2.JobGetJobResponse(job=self.bot.get(request.id).message())

    def GetJobs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        wanted = request.r
        found = [
            job.message()
            for job in self.bot.jobs
            if (not wanted.jobs or job.name in wanted.jobs)
            and (not wanted.ids or job.id in wanted.ids)
            and (wanted.include_finished or job.state != FINISHED)
        ]
        return job_pb2.JobGetJobsResponse(jobs=job_pb2.JobSeq(jobs=found))

    def IsJobPending(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        return job_pb2.JobIsJobPendingResponse(value=self.bot.pending(request.name) is not None)

    def GetLayers(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        layers = [layer.message() for layer in self._job(request).layers]
        return job_pb2.JobGetLayersResponse(layers=job_pb2.LayerSeq(layers=layers))

    def GetFrames(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        limit = min(request.req.limit or PAGE, PAGE)
        start = (max(request.req.page, 1) - 1) * limit
        with self.bot.lock:
            found = [frame.message() for frame in self._chosen(request)[start : start + limit]]
        page = job_pb2.FrameSeq(frames=found)
        return job_pb2.JobGetFramesResponse(frames=page)

    def Pause(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self._job(request).paused = True
        return job_pb2.JobPauseResponse()

    def Resume(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self._job(request).paused = False
        self.bot.dispatch()
        return job_pb2.JobResumeResponse()

    def Kill(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.bot.kill(self._job(request), request.reason)
        return job_pb2.JobKillResponse()

    def RetryFrames(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.bot.retry(self._chosen(request))
        return job_pb2.JobRetryFramesResponse()

    def EatFrames(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.bot.eat(self._chosen(request))
        return job_pb2.JobEatFramesResponse()

    def SetMaxRetries(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self._job(request).max_retries = request.max_retries
        return job_pb2.JobSetMaxRetriesResponse()

    def SetPriority(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self._job(request).spec.priority = request.val
        return job_pb2.JobSetPriorityResponse()

    def AddComment(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        said = request.new_comment
        if len(said.subject) > 128 or len(said.message) > 4000 or len(said.user) > 36:
            raise RefusedError("value too long for type character varying")
        self._job(request).comment(said.user, said.subject, said.message)
        return job_pb2.JobAddCommentResponse()

    def GetComments(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        listed = comment_pb2.CommentSeq(comments=self._job(request).comments)
        return job_pb2.JobGetCommentsResponse(comments=listed)

    def _job(self, request: Any) -> Job:
        try:
            return self.bot.get(request.job.id)
        except LookupError as error:
            raise RefusedError("Failed to find job data") from error

    def _chosen(self, request: Any) -> Sequence[Frame]:
        wanted = request.req
        checks: list[Callable[[Frame], bool]] = []
        if wanted.ids:
            checks.append(lambda frame: frame.id in wanted.ids)
        if wanted.layers:
            checks.append(lambda frame: frame.layer.spec.name in wanted.layers)
        if wanted.states.frame_states:
            checks.append(lambda frame: frame.state in wanted.states.frame_states)
        return [frame for frame in self._job(request).frames() if all(check(frame) for check in checks)]


class LayerService:
    """Layers."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def GetLayer(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        return job_pb2.LayerGetLayerResponse(layer=self.bot.layer(request.id).message())

    def RegisterOutputPath(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        layer = self.bot.layer(request.layer.id)
        if len(request.spec) > 2048:
            raise RefusedError("value too long for type character varying(2048)")
        if request.spec not in layer.spec.outputs:
            layer.spec.outputs.append(request.spec)
        return job_pb2.LayerRegisterOutputPathResponse()

    def GetOutputPaths(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        paths = self.bot.layer(request.layer.id).spec.outputs
        return job_pb2.LayerGetOutputPathsResponse(output_paths=paths)

    def CreateDependencyOnLayer(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.bot.add_depend(self.bot.layer(request.layer.id), self.bot.layer(request.depend_on_layer.id))
        return job_pb2.LayerCreateDependOnLayerResponse()

    def DropDepends(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.bot.drop_depends(self.bot.layer(request.layer.id))
        return job_pb2.LayerDropDependsResponse()


class FrameService:
    """Frames."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def GetFrame(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        return job_pb2.FrameGetFrameResponse(frame=self.bot.frame(request.id).message())

    def Retry(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.bot.retry([self.bot.frame(request.frame.id)])
        return job_pb2.FrameRetryResponse()

    def Eat(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.bot.eat([self.bot.frame(request.frame.id)])
        return job_pb2.FrameEatResponse()


class ShowService:
    """Shows."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def FindShow(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        shows = self.bot.site.shows
        if request.name not in shows:
            raise LookupError("Incorrect result size: expected 1, actual 0")
        found = show_pb2.Show(name=request.name, active=shows[request.name])
        return show_pb2.ShowFindShowResponse(show=found)

    def GetActiveShows(self, _request: Any) -> Any:  # noqa: N802 - the protocol's name
        active = [show_pb2.Show(name=name, active=True) for name, is_on in self.bot.site.shows.items() if is_on]
        return show_pb2.ShowGetActiveShowsResponse(shows=show_pb2.ShowSeq(shows=active))


class LimitService:
    """Limits."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def GetAll(self, _request: Any) -> Any:  # noqa: N802 - the protocol's name
        listed = [limit_pb2.Limit(name=name) for name in sorted(self.bot.site.limits)]
        return limit_pb2.LimitGetAllResponse(limits=listed)


class FacilityService:
    """Facilities."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def Get(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        if request.name not in self.bot.site.facilities:
            raise LookupError("Incorrect result size: expected 1, actual 0")
        return facility_pb2.FacilityGetResponse(facility=facility_pb2.Facility(name=request.name))


class DefaultsService:
    """Services in Cuebot's own sense: defaults of layers."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def GetDefaultServices(self, _request: Any) -> Any:  # noqa: N802 - the protocol's name
        listed = [service_pb2.Service(name=name) for name in sorted(self.bot.site.services)]
        return service_pb2.ServiceGetDefaultServicesResponse(services=service_pb2.ServiceSeq(services=listed))


class ReportService:
    """What RQD calls."""

    def __init__(self, bot: Bot, started: Callable[[str], None]) -> None:
        self.bot = bot
        self._started = started

    def ReportRqdStartup(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self._started(request.boot_report.host.name)
        return report_pb2.RqdReportRqdStartupResponse()

    def ReportStatus(self, _request: Any) -> Any:  # noqa: N802 - the protocol's name
        return report_pb2.RqdReportStatusResponse()

    def ReportRunningFrameCompletion(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        said = request.frame_complete_report
        self.bot.completed(said.frame.resource_id, said.exit_status, said.exit_signal)
        return report_pb2.RqdReportRunningFrameCompletionResponse()
