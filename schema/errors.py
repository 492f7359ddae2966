"""Every error Shotmill raises, in one tree.

::

    ShotmillError                      E100
    +-- ConfigError                    E110  a setting, a plug-in or an installation is wrong
    |   +-- MissingExtraError          E111  an optional package is not installed
    |   +-- UnknownJobTypeError        E112  no such job type, or two that claim one name
    |   +-- MachineError               E113  this machine lacks something a job needs
    |   `-- WeightsError               E114  a model's weights are not there, or not those that were named
    +-- BadRequestError                E200  the input is wrong; nothing was submitted
    |   +-- FrameSpecError             E201  a frame range cannot be read
    |   +-- NameRuleError              E202  a name breaks a rule (length, characters, reserved word)
    |   +-- PathJailError              E203  a path leaves the place it must stay in
    |   +-- InputMissingError          E204  an input file or frame is not there
    |   +-- InputCorruptError          E205  an input file or frame is there but cannot be read whole
    |   +-- InputTooLargeError         E206  an input is larger than the limits allow
    |   +-- ColourError                E207  a colour space, view, display or config is unknown
    |   +-- GraphError                 E208  steps depend on each other in a circle, or on nothing
    |   +-- TimelineError              E209  a cut cannot be read
    |   +-- ParamsError                E210  job parameters do not validate
    |   `-- NotFoundError              E211  no such job, version, shot, cut or task
    +-- StorageError                   E300  the disk or the database failed
    |   +-- DiskFullError              E301  no space left
    |   +-- DatabaseError              E302  the database cannot be reached or refused
    |   |   +-- NotAllowedError        E304  the database does not let this login or role do that
    |   |   `-- DatabaseDamagedError   E305  the database's file is no longer sound
    |   `-- SchemaVersionError         E303  the database is older or newer than this program
    +-- TaskFailedError                E310  the work itself failed
    |   +-- TaskTimeoutError           E311  a task ran longer than it may
    |   +-- TaskCancelledError         E312  somebody cancelled it
    |   +-- WorkerLostError            E313  the process that did the work vanished
    |   +-- EmptyMaskError             E314  a roto found nothing where the prompts say
    |   `-- QualityError               E315  a strict check found something bad; its report is published
    +-- EngineError                    E400  where the work runs
    |   +-- EngineUnreachableError     E401  try again
    |   +-- EngineRefusedError         E402  do not try again
    |   `-- IllegalTransitionError     E403  a state change that the table of legal moves forbids
    +-- PublishError                   E500  the publish stopped; nothing is visible
    |   +-- FramesMissingError         E501  frames have no receipt, or a hole is not allowed
    |   +-- ReceiptMismatchError       E502  a file differs from what its receipt says
    |   +-- PluginLoadError            E503  a publish plug-in is missing or does not import
    |   +-- PluginFailedError          E504  a publish plug-in refused
    |   +-- NothingPublishedError      E505  the run ended without a version
    |   +-- VersionConflictError       E506  the version's folder holds something else
    |   `-- InputChangedError          E507  an input is not what it was when the job was submitted
    +-- DeliveryError                  E600  a tracker or a chat was not told
    |   +-- TargetUnreachableError     E601  it did not answer, or not whole; it is tried again
    |   +-- TargetBusyError            E602  it asked to be left alone for a while; it is tried again then
    |   +-- TargetRefusedError         E603  it said no; a person has to look
    |   `-- SecretMissingError         E604  a password or key is not where the targets file says it is
    +-- AccessError                    E800  who asks the board may not ask, or not for that
    `-- HostError                      E700  RV, Nuke, Blender or another host could not ask Shotmill
        +-- InstallationError          E701  it is not, or not any more, where the host looks for it
        +-- ProtocolError              E702  the host's client and Shotmill speak different versions
        +-- AnswerLostError            E703  its process ended without an answer, or said something that is none
        +-- AnswerLateError            E704  no answer came in time
        `-- EndedByHostError           E705  the host stopped asking before the answer came

A class stands for each thing a caller would do differently. Messages say what happened, to what, and what to do next.
"""

from __future__ import annotations

from .access_errors import AccessError
from .delivery_errors import (
    DeliveryError,
    SecretMissingError,
    TargetBusyError,
    TargetRefusedError,
    TargetUnreachableError,
)
from .failure import (
    EXIT_BAD_DATA,
    EXIT_DONE,
    EXIT_TASK_ERROR,
    EXIT_TRY_AGAIN,
    EXIT_UNAVAILABLE,
    EXIT_USAGE,
    ShotmillError,
)
from .host_errors import (
    AnswerLateError,
    AnswerLostError,
    EndedByHostError,
    HostError,
    InstallationError,
    ProtocolError,
)
from .publish_errors import (
    FramesMissingError,
    InputChangedError,
    NothingPublishedError,
    PluginFailedError,
    PluginLoadError,
    PublishError,
    ReceiptMismatchError,
    VersionConflictError,
)

__all__ = [
    "EXIT_BAD_DATA",
    "EXIT_DONE",
    "EXIT_TASK_ERROR",
    "EXIT_TRY_AGAIN",
    "EXIT_UNAVAILABLE",
    "EXIT_USAGE",
    "AccessError",
    "AnswerLateError",
    "AnswerLostError",
    "DeliveryError",
    "EndedByHostError",
    "FramesMissingError",
    "HostError",
    "InputChangedError",
    "InstallationError",
    "NothingPublishedError",
    "PluginFailedError",
    "PluginLoadError",
    "ProtocolError",
    "PublishError",
    "ReceiptMismatchError",
    "SecretMissingError",
    "ShotmillError",
    "TargetBusyError",
    "TargetRefusedError",
    "TargetUnreachableError",
    "VersionConflictError",
]


class ConfigError(ShotmillError):
    """A setting, a plug-in or the installation is wrong."""

    code = "E110"
    slug = "config"
    exit_code = EXIT_UNAVAILABLE


class MissingExtraError(ConfigError):
    """An optional package is not installed."""

    code = "E111"
    slug = "extra-missing"


class UnknownJobTypeError(ConfigError):
    """No job type has this name, or two claim it."""

    code = "E112"
    slug = "job-type"
    exit_code = EXIT_USAGE


class WeightsError(ConfigError):
    """A model's weights are not there, or are not the file that the settings name by its SHA-256."""

    code = "E114"
    slug = "weights"
    exit_code = EXIT_BAD_DATA


class MachineError(ConfigError):
    """This machine lacks something that a job needs."""

    code = "E113"
    slug = "machine"


class BadRequestError(ShotmillError):
    """The input is wrong; nothing was submitted."""

    code = "E200"
    slug = "bad-request"
    exit_code = EXIT_USAGE


class FrameSpecError(BadRequestError):
    """A frame range cannot be read."""

    code = "E201"
    slug = "frame-spec"


class NameRuleError(BadRequestError):
    """A name breaks a rule: length, characters, or a reserved word."""

    code = "E202"
    slug = "name-rule"


class PathJailError(BadRequestError):
    """A path leaves the place it must stay in."""

    code = "E203"
    slug = "path-jail"


class InputMissingError(BadRequestError):
    """An input file or frame is not there."""

    code = "E204"
    slug = "input-missing"
    exit_code = EXIT_BAD_DATA


class InputCorruptError(BadRequestError):
    """An input file or frame is there but cannot be read whole."""

    code = "E205"
    slug = "input-corrupt"
    exit_code = EXIT_BAD_DATA


class InputTooLargeError(BadRequestError):
    """An input is larger than the limits allow."""

    code = "E206"
    slug = "input-too-large"
    exit_code = EXIT_BAD_DATA


class ColourError(BadRequestError):
    """A colour space, view, display or config is unknown."""

    code = "E207"
    slug = "colour"


class GraphError(BadRequestError):
    """Steps depend on each other in a circle, or on a step that is not there."""

    code = "E208"
    slug = "step-graph"


class TimelineError(BadRequestError):
    """A cut cannot be read."""

    code = "E209"
    slug = "timeline"
    exit_code = EXIT_BAD_DATA


class ParamsError(BadRequestError):
    """Job parameters do not validate."""

    code = "E210"
    slug = "params"


class NotFoundError(BadRequestError):
    """No such job, version, shot, cut or task."""

    code = "E211"
    slug = "not-found"


class StorageError(ShotmillError):
    """The disk or the database failed."""

    code = "E300"
    slug = "storage"
    exit_code = EXIT_TRY_AGAIN
    retryable = True


class DiskFullError(StorageError):
    """No space is left where something had to be written."""

    code = "E301"
    slug = "disk-full"


class DatabaseError(StorageError):
    """The database cannot be reached, or refused."""

    code = "E302"
    slug = "database"


class NotAllowedError(DatabaseError):
    """The database refused a login or a role; the same again would end the same. ``role`` is who may."""

    code = "E304"
    slug = "not-allowed"
    exit_code = EXIT_UNAVAILABLE
    retryable = False


class DatabaseDamagedError(DatabaseError):
    """The file of the embedded database is not sound, or not a database; a backup has to take its place."""

    code = "E305"
    slug = "database-damaged"
    exit_code = EXIT_UNAVAILABLE
    retryable = False


class SchemaVersionError(StorageError):
    """The database is older or newer than this program."""

    code = "E303"
    slug = "schema-version"
    exit_code = EXIT_UNAVAILABLE
    retryable = False


class TaskFailedError(ShotmillError):
    """The work itself failed."""

    code = "E310"
    slug = "task-failed"
    retryable = True


class TaskTimeoutError(TaskFailedError):
    """A task ran longer than it may."""

    code = "E311"
    slug = "timeout"


class TaskCancelledError(TaskFailedError):
    """Somebody cancelled the job."""

    code = "E312"
    slug = "cancelled"
    retryable = False


class EmptyMaskError(TaskFailedError):
    """A matte of an object would hold nothing, or next to nothing: the prompts do not say where it is."""

    code = "E314"
    slug = "empty-mask"
    exit_code = EXIT_BAD_DATA


class QualityError(TaskFailedError):
    """A strict technical check found something bad; the report about it is published."""

    code = "E315"
    slug = "quality"
    exit_code = EXIT_BAD_DATA
    retryable = False


class WorkerLostError(TaskFailedError):
    """The process that did the work vanished."""

    code = "E313"
    slug = "worker-lost"
    exit_code = EXIT_TRY_AGAIN


class EngineError(ShotmillError):
    """The place where work runs failed."""

    code = "E400"
    slug = "engine"
    exit_code = EXIT_UNAVAILABLE


class EngineUnreachableError(EngineError):
    """The engine did not answer; trying again may help."""

    code = "E401"
    slug = "engine-unreachable"
    exit_code = EXIT_TRY_AGAIN
    retryable = True


class EngineRefusedError(EngineError):
    """The engine said no; trying again does not help."""

    code = "E402"
    slug = "engine-refused"


class IllegalTransitionError(EngineError):
    """A state change that the table of legal moves forbids."""

    code = "E403"
    slug = "illegal-transition"


def error_kinds() -> dict[str, type[ShotmillError]]:
    """Every error by its code."""
    found = [value for value in globals().values() if isinstance(value, type) and issubclass(value, ShotmillError)]
    return {kind.code: kind for kind in found}
