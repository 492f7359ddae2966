"""What was told: the outbox of deliveries, and the append-only audit of events."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, String, Text, UniqueConstraint, Uuid

from ..states import DeliveryState
from .base import NAME, Table, UtcDateTime, column, enum_column, json_dict, key, moment, optional


class Delivery(
    Table,
    name="delivery",
    rules=(
        UniqueConstraint("target", "fact"),
        Index(None, "target", "state", "created"),
        Index(None, "version_id", "target"),
        Index(None, "job_id", "target"),
        Index(None, "target", "remote_id"),
    ),
):
    """One fact for one target: the outbox. Written in the transaction that makes the fact true.

    ``fact`` is its key, such as ``version:<id>``, ``note:<id>`` or ``job:<id>``; a target is told of each once. Rows of
    a version name it; those of a job name the job, and are armed again while it goes on: ``told`` is what was last
    told of it. Who carries a row holds its lease as ``owner``.
    """

    id = key()
    version_id = optional(Uuid(), ForeignKey("version.id", ondelete="CASCADE"))
    job_id = optional(Uuid(), ForeignKey("job.id", ondelete="CASCADE"))
    target = column(NAME)
    kind = column(NAME)
    fact = column(String(160))
    payload = column(json_dict(), default=dict)
    state = column(enum_column(DeliveryState, "delivery_state"), default=DeliveryState.PENDING)
    attempts = column(Integer(), default=0)
    next_attempt = optional(UtcDateTime())
    owner = optional(Uuid())
    lease_until = optional(UtcDateTime())
    last_error = optional(Text())
    remote_id = optional(String(255))
    told = column(json_dict(), default=dict)
    created = moment()
    delivered = optional(UtcDateTime())


class Event(Table, name="event", rules=(Index(None, "subject", "number"),)):
    """Who did what to what, and when. Rows are added, never changed, never removed."""

    number = column(BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True)
    at = moment()
    actor = column(NAME)
    host = column(NAME)
    verb = column(NAME)
    subject = column(String(256))
    facts = column(json_dict(), default=dict)
