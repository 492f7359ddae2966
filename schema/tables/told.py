"""What was told: the outbox of deliveries, and the append-only audit of events."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..states import DeliveryState
from .base import Key, Moment, Name, Table, enum_column


class Delivery(Table):
    """One fact for one target: the outbox. Written in the transaction that makes the fact true."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("version_id", "target", "kind"),
        Index(None, "state", "next_attempt"),
    )
    id: Mapped[Key]
    version_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    target: Mapped[Name]
    kind: Mapped[Name]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[DeliveryState] = mapped_column(
        enum_column(DeliveryState, "delivery_state"),
        default=DeliveryState.PENDING,
    )
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt: Mapped[datetime | None]
    owner: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text())
    remote_id: Mapped[str | None] = mapped_column(String(255))
    created: Mapped[Moment]
    delivered: Mapped[datetime | None]


class Event(Table):
    """Who did what to what, and when. Rows are added, never changed, never removed."""

    __tablename__ = "event"
    __table_args__ = (Index(None, "subject", "number"),)
    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"),
        Identity(),
        primary_key=True,
    )
    at: Mapped[Moment]
    actor: Mapped[Name]
    host: Mapped[Name]
    verb: Mapped[Name]
    subject: Mapped[str] = mapped_column(String(256))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
