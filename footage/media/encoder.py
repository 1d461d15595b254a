"""The settings of the video encoder (x264): of the side-by-side and of clips that are re-encoded.

The minutes of a side-by-side may be rendered on different days, with different versions of this
program, and are joined by stream copy, for which all must be encoded with the same settings. So the
journal of a job names the settings with which it began (`Job.encoder`). To change them add an entry
to `SIDE_BY_SIDE` and make it CURRENT; an entry that has been in use is never changed or removed.
"""

from __future__ import annotations

from collections.abc import Mapping

SIDE_BY_SIDE: Mapping[str, tuple[str, ...]] = {
    # The default of `Job.encoder`: journals that name no settings were begun with these.
    "veryfast-21": ("-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p"),
    # Faster at the same picture and size, measured by `python -m benchmarks encoder` (see
    # docs/benchmarks.md): the preset's quick search for motion, but with what it leaves out and is
    # worth most, more bits for what later frames refer to (mbtree, which needs the lookahead).
    # Always three B-frames (b-adapt=0): without the search for their best number it is faster, at
    # the same picture and no larger.
    # (aq-mode=2, often advised, took one film of three beyond 1.1 times the size.)
    "superfast-21.8": (
        *("-c:v", "libx264", "-preset", "superfast", "-crf", "21.8", "-pix_fmt", "yuv420p"),
        *("-x264-params", "mbtree=1:rc-lookahead=20:weightp=0:b-adapt=0"),
    ),
}
CURRENT = "superfast-21.8"  # for new jobs

# What moviepy's writer takes for a clip that cannot be copied beside the others of its camera: by
# the codec of these, the encoder and its options.
REENCODE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "h264": ("libx264", ("-crf", "20")),
    "hevc": ("libx265", ("-crf", "22", "-x265-params", "log-level=none", "-tag:v", "hvc1")),
    "mpeg4": ("mpeg4", ("-q:v", "3")),
    "mjpeg": ("mjpeg", ("-q:v", "3")),
}
REENCODE_PRESET = "veryfast"
REENCODE_PIXELS = "yuv420p"
