"""Signs in as ``deadline config`` says, with botocore alone: a fresh process asks in half of the time of boto3."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .config import CA_BUNDLE, PROFILE, PROXY, REGION, setting

if TYPE_CHECKING:
    from configparser import ConfigParser

MIN_WAIT_S = 0.5
NO_PROFILE = frozenset({"", "default", "(default)"})  # who is signed in, as AWS finds it: environment, files, host
# The monitor's sign-in lasts 15 minutes, and botocore would make a new one, which takes it seconds, that long before.
ADVISED_S, NEEDED_S = 300, 150


def open_session(config: ConfigParser) -> Any:
    """A session of botocore's, as the ``deadline`` library makes its own.

    Args:
        config: see ``deadline_config``.
    """
    from botocore.config import Config  # noqa: PLC0415 - heavy
    from botocore.session import Session  # noqa: PLC0415 - heavy

    profile = setting(config, PROFILE)
    session = Session(profile=None if profile in NO_PROFILE else profile)
    if proxy := setting(config, PROXY).strip():
        session.set_default_client_config(Config(proxies={"http": proxy, "https": proxy}))
    if bundle := setting(config, CA_BUNDLE).strip():
        session.set_config_variable("ca_bundle", os.path.expanduser(bundle))  # noqa: PTH111 - as the library has it
    credentials = session.get_credentials()
    if getattr(credentials, "method", "") == "custom-process":
        for name, seconds in (("_advisory_refresh_timeout", ADVISED_S), ("_mandatory_refresh_timeout", NEEDED_S)):
            if hasattr(credentials, name):
                setattr(credentials, name, seconds)
    return session


def secrets_in(session: Any) -> list[str]:
    """What must not be repeated of whoever is signed in."""
    found = session.get_credentials()
    frozen = found.get_frozen_credentials() if found else None
    return [value for value in (frozen or ()) if isinstance(value, str)]


def open_client(session: Any, service: str, config: ConfigParser, timeout_s: float) -> Any:
    """A client whose calls never wait longer than half the time there is, and are not repeated behind our back.

    Args:
        session: of botocore's, or of boto3's.
        service: such as ``deadline``.
        config: names the region.
        timeout_s: seconds that there are.
    """
    from botocore.config import Config  # noqa: PLC0415 - heavy

    wait = max(MIN_WAIT_S, timeout_s / 2)
    create = getattr(session, "create_client", None) or session.client
    return create(
        service,
        region_name=setting(config, REGION) or None,
        config=Config(
            connect_timeout=wait,
            read_timeout=wait,
            retries={"total_max_attempts": 1},
            user_agent_extra="app/shotmill",
        ),
    )
