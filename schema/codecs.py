"""How movies are coded: codecs that people choose by name, their containers, and what they say of their colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_SIDE = 8192


class Container(StrEnum):
    """What a movie is wrapped in."""

    AUTO = "auto"
    MP4 = "mp4"
    MOV = "mov"


class MovieCodec(StrEnum):
    """Codecs that movies are written in."""

    H264 = "h264"
    HEVC = "hevc"
    PRORES_PROXY = "prores-proxy"
    PRORES_LT = "prores-lt"
    PRORES_422 = "prores-422"
    PRORES_HQ = "prores-hq"
    PRORES_4444 = "prores-4444"
    DNXHR_LB = "dnxhr-lb"
    DNXHR_SQ = "dnxhr-sq"
    DNXHR_HQ = "dnxhr-hq"
    DNXHR_HQX = "dnxhr-hqx"
    DNXHR_444 = "dnxhr-444"


@dataclass(frozen=True)
class CodecFacts:
    """What is known of a codec before anything is encoded.

    Attributes:
        bits: of a channel.
        containers: that hold it, its own first.
        intra: whether every frame stands alone.
        quality: its default as its encoder counts it, 0 is lossless, 51 worst; None: the profile says all.
        least: (width, height) that it has at least.
    """

    bits: int
    containers: tuple[Container, ...]
    intra: bool
    quality: int | None = None
    least: tuple[int, int] = (16, 16)


_ANY = (Container.MP4, Container.MOV)
_MOV = (Container.MOV,)
_DNXHR = (256, 120)  # SMPTE ST 2019-1

CODECS = {
    MovieCodec.H264: CodecFacts(8, _ANY, intra=False, quality=18),
    MovieCodec.HEVC: CodecFacts(10, _ANY, intra=False, quality=20, least=(64, 64)),
    MovieCodec.PRORES_PROXY: CodecFacts(10, _MOV, intra=True),
    MovieCodec.PRORES_LT: CodecFacts(10, _MOV, intra=True),
    MovieCodec.PRORES_422: CodecFacts(10, _MOV, intra=True),
    MovieCodec.PRORES_HQ: CodecFacts(10, _MOV, intra=True),
    MovieCodec.PRORES_4444: CodecFacts(10, _MOV, intra=True),
    MovieCodec.DNXHR_LB: CodecFacts(8, _MOV, intra=True, least=_DNXHR),
    MovieCodec.DNXHR_SQ: CodecFacts(8, _MOV, intra=True, least=_DNXHR),
    MovieCodec.DNXHR_HQ: CodecFacts(8, _MOV, intra=True, least=_DNXHR),
    MovieCodec.DNXHR_HQX: CodecFacts(10, _MOV, intra=True, least=_DNXHR),
    MovieCodec.DNXHR_444: CodecFacts(10, _MOV, intra=True, least=_DNXHR),
}


def container_of(codec: MovieCodec, wanted: Container = Container.AUTO) -> Container:
    """The container of a movie: as wanted, else the codec's own.

    Raises:
        ValueError: the codec does not go into it.
    """
    containers = CODECS[codec].containers
    if wanted is Container.AUTO:
        return containers[0]
    if wanted not in containers:
        raise ValueError(f"{codec} does not go into {wanted}; leave the container out, or choose {containers[0]}")
    return wanted


class TagName(StrEnum):
    """What a movie may say of its colour."""

    AUTO = "auto"
    REC709 = "rec709"
    SRGB = "srgb"
    GAMMA22 = "gamma22"
    DISPLAY_P3 = "display-p3"
    P3_D65 = "p3-d65"
    REC2020 = "rec2020"
    PQ = "pq"
    PQ_P3 = "pq-p3"
    HLG = "hlg"


@dataclass(frozen=True)
class ColourTags:
    """Primaries, transfer and matrix by ffmpeg's names, all of limited range.

    Attributes:
        white: where the white of a page lies, of the largest code value: in HDR, 203 cd/m2 as ITU-R BT.2408 has it.
        bits: that its curve needs at least.

    Source:
        ITU-T H.273; ITU-R BT.1886 has no code of its own, and BT.709's stands for it.
    """

    primaries: str
    transfer: str
    matrix: str
    white: float = 1.0
    bits: int = 8


TAGS = {
    TagName.REC709: ColourTags("bt709", "bt709", "bt709"),
    TagName.SRGB: ColourTags("bt709", "iec61966-2-1", "bt709"),
    TagName.GAMMA22: ColourTags("bt709", "bt470m", "bt709"),
    TagName.DISPLAY_P3: ColourTags("smpte432", "iec61966-2-1", "bt709"),
    TagName.P3_D65: ColourTags("smpte432", "smpte428", "bt709"),
    TagName.REC2020: ColourTags("bt2020", "bt2020-10", "bt2020nc", bits=10),
    TagName.PQ: ColourTags("bt2020", "smpte2084", "bt2020nc", white=0.58, bits=10),
    TagName.PQ_P3: ColourTags("smpte432", "smpte2084", "bt709", white=0.58, bits=10),
    TagName.HLG: ColourTags("bt2020", "arib-std-b67", "bt2020nc", white=0.75, bits=10),
}
