"""What a movie's tags say of its colour.

Source: ITU-T H.273, tables 2 and 3; QuickTime's ``nclc`` and libav count as it does.
"""

from __future__ import annotations

from ...schema.codecs import TagName

UNSAID = {0, 2}  # reserved, and "unspecified"
_PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
_TRANSFERS = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361e",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
_LINEAR = 8
# Standard definition: its primaries lie next to those of BT.709, and its curves are shown by the same display.
_VIDEO_PRIMARIES = UNSAID | {1, 5, 6, 7}
_VIDEO_TRANSFERS = UNSAID | {5, 6, 7}
_NAMES = {
    (1, 1): TagName.REC709,
    (2, 1): TagName.REC709,
    (5, 1): TagName.REC709,
    (6, 1): TagName.REC709,
    (1, 13): TagName.SRGB,
    (2, 13): TagName.SRGB,
    (1, 4): TagName.GAMMA22,
    (2, 4): TagName.GAMMA22,
    (12, 13): TagName.DISPLAY_P3,
    (12, 17): TagName.P3_D65,
    (9, 1): TagName.REC2020,
    (9, 6): TagName.REC2020,
    (9, 14): TagName.REC2020,
    (9, 15): TagName.REC2020,
    (9, 16): TagName.PQ,
    (12, 16): TagName.PQ_P3,
    (9, 18): TagName.HLG,
    (2, 18): TagName.HLG,  # nothing but BT.2100 has this curve
}


def colour_said(primaries: int, transfer: int) -> str | None:
    """What a movie says of its colour.

    Args:
        primaries: code of H.273.
        transfer: code of H.273.

    Returns:
        A name of ``TagName``; ``linear``; primaries and transfer by libav's names, where the two have no name together;
        None where it says nothing, or no more than that it is video.
    """
    primaries, transfer = (2 if code in UNSAID else code for code in (primaries, transfer))
    if known := _NAMES.get((primaries, transfer)):
        return known.value
    if transfer == _LINEAR and primaries in {1, 2}:
        return "linear"
    if primaries in _VIDEO_PRIMARIES and transfer in _VIDEO_TRANSFERS:
        return None
    return f"{_PRIMARIES.get(primaries, 'unspecified')}/{_TRANSFERS.get(transfer, 'unspecified')}"
