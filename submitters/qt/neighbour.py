"""The client that lies beside this folder: ``shotmill_client`` in a host, ``submitters.client`` at home."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__ != "shotmill_qt":
    from ..client import Call, Client, ClientError, Form
else:
    from shotmill_client import Call, Client, ClientError, Form

__all__ = ["Call", "Client", "ClientError", "Form"]
