"""``ping`` and ``describe``: who answers, and what there is to ask for. Loads no database and no picture library."""

from __future__ import annotations

import platform

from ... import __version__
from ...jobs import find_job_type, job_type_names
from ...schema.forms import DescribeOut
from ...schema.rpc import PROTOCOL, DescribeArgs, NoArgs, PingOut
from ..fields import form_of
from .serve import Asking


def ping(args: NoArgs, asking: Asking) -> PingOut:
    """Say who answers."""
    del args
    settings = asking.studio.settings
    return PingOut(
        shotmill=__version__,
        protocol=PROTOCOL,
        python=platform.python_version(),
        engine=settings.engine,
        project=settings.project,
    )


def describe(args: DescribeArgs, asking: Asking) -> DescribeOut:
    """Tell what job types there are, and what is to be filled in for each.

    Raises:
        UnknownJobTypeError: there is no such job type.
    """
    allowed = asking.studio.settings.job_types
    names = [args.job_type] if args.job_type else job_type_names(allowed=allowed)
    return DescribeOut(job_types=tuple(form_of(find_job_type(name, allowed=allowed)) for name in names))
