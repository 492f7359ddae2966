"""Errors of a publish; see the tree in ``errors``."""

from __future__ import annotations

from .failure import EXIT_BAD_DATA, EXIT_UNAVAILABLE, ShotmillError


class PublishError(ShotmillError):
    """The publish stopped; nothing is visible."""

    code = "E500"
    slug = "publish"
    exit_code = EXIT_BAD_DATA


class FramesMissingError(PublishError):
    """Frames have no receipt, or a hole is not allowed."""

    code = "E501"
    slug = "frames-missing"


class ReceiptMismatchError(PublishError):
    """A file differs from what its receipt says."""

    code = "E502"
    slug = "receipt-mismatch"


class PluginLoadError(PublishError):
    """A publish plug-in is missing or does not import."""

    code = "E503"
    slug = "plugin-load"
    exit_code = EXIT_UNAVAILABLE


class PluginFailedError(PublishError):
    """A publish plug-in refused."""

    code = "E504"
    slug = "plugin-failed"


class NothingPublishedError(PublishError):
    """The run ended without a version."""

    code = "E505"
    slug = "nothing-published"


class VersionConflictError(PublishError):
    """The version's folder holds something else."""

    code = "E506"
    slug = "version-conflict"


class InputChangedError(PublishError):
    """An input is not what it was when the job was submitted."""

    code = "E507"
    slug = "input-changed"
