"""Letters on their way: each fact told once, in order, whatever the target does."""

from __future__ import annotations

from mail import Mail
from wire_tracker import Tracker


def test_a_published_version_is_told_once(mail: Mail, tracker: Tracker) -> None:
    version = mail.publish()
    mail.worker().once()
    mail.worker().once()
    assert tracker.facts == [f"version:{version}"]
    row = mail.row()
    assert (row.state, row.remote_id, row.attempts, row.last_error) == ("delivered", "t1", 1, None)
    assert mail.said[0].about == "demo:sq010/sh010/p001@v001"
