"""The options by which ffmpeg writes each codec; the same frames give the same bytes on one machine."""

from __future__ import annotations

from ...schema.codecs import CODECS, MovieCodec

# Fixed numbers of threads: x264 and x265 give other bytes for other numbers.
_THREADS = ("-threads", "4")
_X265 = "log-level=none:open-gop=0:frame-threads=2:pools=4"
_PRORES = {
    MovieCodec.PRORES_PROXY: "proxy",
    MovieCodec.PRORES_LT: "lt",
    MovieCodec.PRORES_422: "standard",
    MovieCodec.PRORES_HQ: "hq",
    MovieCodec.PRORES_4444: "4444",
}
_DNXHR = {
    MovieCodec.DNXHR_LB: ("dnxhr_lb", "yuv422p"),
    MovieCodec.DNXHR_SQ: ("dnxhr_sq", "yuv422p"),
    MovieCodec.DNXHR_HQ: ("dnxhr_hq", "yuv422p"),
    MovieCodec.DNXHR_HQX: ("dnxhr_hqx", "yuv422p10le"),
    MovieCodec.DNXHR_444: ("dnxhr_444", "yuv444p10le"),
}


def video_options(codec: MovieCodec, *, quality: int | None = None, gop: int = 12) -> tuple[str, ...]:
    """The options of ffmpeg for the picture; groups of pictures are closed, so that movies are cut at keyframes.

    Args:
        codec: which.
        quality: of h264 and hevc, 0 to 51; None: the codec's own.
        gop: frames from keyframe to keyframe at most.
    """
    if codec in _PRORES:
        pixels = "yuv444p10le" if codec is MovieCodec.PRORES_4444 else "yuv422p10le"
        coder = ("-c:v", "prores_ks", "-profile:v", _PRORES[codec], "-vendor", "apl0")
        return (*coder, "-pix_fmt", pixels, *_THREADS)
    if codec in _DNXHR:
        profile, pixels = _DNXHR[codec]
        return ("-c:v", "dnxhd", "-profile:v", profile, "-pix_fmt", pixels, *_THREADS)
    size = str(CODECS[codec].quality if quality is None else quality)
    keys = ("-crf", size, "-g", str(gop), "-forced-idr", "1")
    if codec is MovieCodec.HEVC:
        hevc = ("-c:v", "libx265", "-preset", "veryfast", "-tag:v", "hvc1", "-x265-params", _X265)
        return (*hevc, *keys, "-pix_fmt", "yuv420p10le")
    avc = ("-c:v", "libx264", "-preset", "veryfast", "-x264-params", "open-gop=0")
    return (*avc, *keys, "-pix_fmt", "yuv420p", *_THREADS)
