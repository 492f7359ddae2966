"""Judging one frame by what was measured of it alone, and by what the medium should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...schema.qc import SEVERITIES, ChannelFigures, Finding, FindingKind, FormFigures, QcExpected, QcLimits, Severity
from .measure import Trouble
from .words import level, percent, share_of

if TYPE_CHECKING:
    from ...schema.media import Rate
    from ...schema.qc import Spots
    from .measure import Measured

NOT_SEEN = frozenset({"A", "Cb", "Cr"})
FLAT = 1e-6  # levels; a rounding apart is one colour


@dataclass(frozen=True)
class Wanted:
    """What a medium should be; what is None, 0 or empty is as its first frame that can be read.

    Attributes:
        channels: names, in any order.
        rate: that the cut or somebody says.
    """

    size: QcExpected
    channels: tuple[str, ...] = ()
    rate: Rate | None = None


class Judge:
    """Tells what is wrong with frames, each for itself.

    Args:
        limits: what may be.
        wanted: what the medium should be.
        severities: how bad kinds are, where they are not as usual.
        ignored: kinds that nobody wants to know of.
    """

    def __init__(
        self,
        limits: QcLimits,
        wanted: Wanted,
        *,
        severities: Mapping[FindingKind, Severity] | None = None,
        ignored: frozenset[FindingKind] = frozenset(),
    ) -> None:
        self.limits = limits
        self.form: FormFigures | None = None
        self._wanted = wanted
        self._severities = {**SEVERITIES, **(severities or {})}
        self._ignored = ignored

    def finding(self, kind: FindingKind, frame: int | None, text: str, **more: Any) -> Iterator[Finding]:
        """A finding, unless nobody wants to know of its kind."""
        if kind not in self._ignored:
            yield Finding(frame=frame, kind=kind, severity=self._severities[kind], text=text, **more)

    def judge(self, one: Measured) -> Iterator[Finding]:
        """What is wrong with the next frame."""
        if one.trouble is not None:
            kind = FindingKind.MISSING if one.trouble is Trouble.MISSING else FindingKind.UNREADABLE
            yield from self.finding(kind, one.frame, one.said)
            return
        assert one.form is not None, "a frame without trouble says how it is stored"  # noqa: S101 - by construction
        yield from self._form(one.frame, one.form)
        for channel in one.channels:
            yield from self._values(one, channel)
        yield from self._clipped(one)
        yield from self._darkness(one)

    def _form(self, frame: int | None, form: FormFigures) -> Iterator[Finding]:
        """How it is stored, against what is wanted, else against the first frame."""
        is_first, first = self.form is None, self.form or form
        self.form = first
        size = self._wanted.size
        wide, high = size.width or first.width, size.height or first.height
        if (form.width, form.height) != (wide, high):
            text = f"{form.width}x{form.height} pixels instead of {wide}x{high}"
            yield from self.finding(FindingKind.RESOLUTION, frame, text)
        aspect = round(size.pixel_aspect or first.pixel_aspect, 6)
        if abs(form.pixel_aspect - aspect) > 0.001:  # noqa: PLR2004 - files round it
            text = f"pixel aspect {form.pixel_aspect:g} instead of {aspect:g}"
            yield from self.finding(FindingKind.ASPECT, frame, text, amount=form.pixel_aspect, limit=aspect)
        names = self._wanted.channels or first.channels
        if sorted(form.channels) != sorted(names):
            text = f"channels {', '.join(form.channels)} instead of {', '.join(names)}"
            yield from self.finding(FindingKind.CHANNELS, frame, text)
        rate = self._wanted.rate or first.rate
        if form.rate is not None and rate is not None and form.rate != rate and (is_first or form.rate != first.rate):
            yield from self.finding(FindingKind.RATE, frame, f"{form.rate} frames per second instead of {rate}")
        if form.window != first.window:
            one, other = form.window, first.window
            text = f"data window {_window(one)} instead of {_window(other)}"
            yield from self.finding(FindingKind.WINDOW, frame, text)
        if form.sample != (sample := size.sample or first.sample):
            yield from self.finding(FindingKind.DEPTH, frame, f"{form.sample} instead of {sample}")

    def _values(self, one: Measured, channel: ChannelFigures) -> Iterator[Finding]:
        limits = self.limits
        if channel.nan:
            yield from self._spotted(FindingKind.NAN, one, channel, channel.nan, "no number (NaN)")
        if channel.infinite:
            yield from self._spotted(FindingKind.INFINITE, one, channel, channel.infinite, "infinite")
        if channel.ceiling:
            high = level(channel.high or 0.0)
            what = f"over {limits.ceiling:g}, up to {high}"
            yield from self._spotted(FindingKind.CEILING, one, channel, channel.ceiling, what, limits.ceiling)
        if channel.negative and channel.negative.count > limits.negative * channel.pixels:
            what = f"negative, down to {level(channel.low or 0.0)}; {percent(limits.negative)} may be"
            yield from self._spotted(FindingKind.NEGATIVE, one, channel, channel.negative, what, limits.negative)
        if channel.illegal and channel.illegal.count > limits.legal * channel.pixels:
            low, high = level(channel.low or 0.0), level(channel.high or 0.0)
            what = f"outside legal range, levels {low} to {high}; {percent(limits.legal)} may be"
            yield from self._spotted(FindingKind.LEGAL, one, channel, channel.illegal, what, limits.legal)

    def _spotted(
        self,
        kind: FindingKind,
        one: Measured,
        channel: ChannelFigures,
        spots: Spots,
        what: str,
        limit: float | None = None,
    ) -> Iterator[Finding]:
        verb = "is" if spots.count == 1 else "are"
        text = f"{share_of(spots.count, channel)} {verb} {what}; the first at x {spots.x}, y {spots.y}"
        amount = round(spots.count / channel.pixels, 9)
        facts = {"channel": channel.name, "x": spots.x, "y": spots.y, "amount": amount, "limit": limit}
        yield from self.finding(kind, one.frame, text, **facts)

    def _clipped(self, one: Measured) -> Iterator[Finding]:
        ends = (("top", "clipped_high", self.limits.clipped_high), ("bottom", "clipped_low", self.limits.clipped_low))
        for end, field, limit in ends:
            for channel in one.channels:
                count: int = getattr(channel, field)
                if count > limit * channel.pixels and not (end == "bottom" and self.is_black(one)):
                    text = f"{share_of(count, channel)} lie at the {end} of the encoding; {percent(limit)} may"
                    facts = {"channel": channel.name, "amount": round(count / channel.pixels, 9), "limit": limit}
                    yield from self.finding(FindingKind.CLIPPED, one.frame, text, **facts)

    def _darkness(self, one: Measured) -> Iterator[Finding]:
        seen = seen_channels(one)
        if self.is_black(one):
            mean, high = (max(getattr(channel, field) for channel in seen) for field in ("mean", "high"))
            text = f"the mean level is {level(mean)}, the highest {level(high)}"
            yield from self.finding(FindingKind.BLACK, one.frame, text, amount=mean, limit=self.limits.black_mean)
        elif is_flat(one):
            colour = ", ".join(f"{channel.name} {level(channel.low or 0.0)}" for channel in seen)
            yield from self.finding(FindingKind.FLAT, one.frame, f"every pixel has the same colour: {colour}")

    def is_black(self, one: Measured) -> bool:
        """Whether the mean and the highest level of all that people see lie below the limits."""
        seen = [channel for channel in seen_channels(one) if channel.mean is not None and channel.high is not None]
        limits = self.limits
        return bool(seen) and all(
            (channel.mean or 0.0) <= limits.black_mean and (channel.high or 0.0) <= limits.black_max for channel in seen
        )


def seen_channels(one: Measured) -> list[ChannelFigures]:
    """Channels that people see as brightness: no alpha, no chroma; all, where there is no other."""
    seen = [channel for channel in one.channels if channel.name.rpartition(".")[2] not in NOT_SEEN]
    return seen or list(one.channels)


def is_flat(one: Measured) -> bool:
    """Whether every channel has one value."""
    ends = [(channel.low, channel.high) for channel in one.channels]
    return bool(ends) and all(low is not None and high is not None and high - low <= FLAT for low, high in ends)


def _window(window: Any) -> str:
    return f"{window.width}x{window.height} at {window.x},{window.y}"
