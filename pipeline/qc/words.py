"""What is said of findings: one line each, with figures and their units."""

from __future__ import annotations

from ...schema.qc import ChannelFigures, FindingKind

SPOKEN = {
    FindingKind.MISSING: "missing",
    FindingKind.UNREADABLE: "cannot be read",
    FindingKind.RANGE: "frame range",
    FindingKind.RESOLUTION: "resolution",
    FindingKind.ASPECT: "pixel aspect",
    FindingKind.WINDOW: "data window",
    FindingKind.CHANNELS: "channels",
    FindingKind.DEPTH: "bit depth",
    FindingKind.RATE: "frame rate",
    FindingKind.NAN: "NaN",
    FindingKind.INFINITE: "infinite",
    FindingKind.CEILING: "over the ceiling",
    FindingKind.NEGATIVE: "negative",
    FindingKind.LEGAL: "illegal levels",
    FindingKind.CLIPPED: "clipped",
    FindingKind.BLACK: "black",
    FindingKind.FLAT: "one colour",
    FindingKind.FROZEN: "frozen",
    FindingKind.DUPLICATE: "duplicate",
    FindingKind.FLASH: "flash",
    FindingKind.EXPOSURE: "exposure jump",
    FindingKind.GAMMA: "gamma jump",
    FindingKind.COLOUR: "no pictures",
}


def percent(share: float) -> str:
    """A share, such as ``1.2 %``; never 0 where there is anything."""
    found = share * 100
    if 0 < found < 0.001:  # noqa: PLR2004 - three digits behind the point
        return "under 0.001 %"
    return f"{found:.3f}".rstrip("0").rstrip(".") + " %"


def level(value: float) -> str:
    """A level, such as ``0.125``."""
    return f"{value:.4g}"


def share_of(count: int, channel: ChannelFigures) -> str:
    """How many of a channel's pixels, such as ``12 pixels of R (0.1 %)``."""
    pixels = "1 pixel" if count == 1 else f"{count:,} pixels"
    return f"{pixels} of {channel.name} ({percent(count / channel.pixels)})"
