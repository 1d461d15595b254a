"""Stills as evidence: only what can be decoded to its last line counts as a picture."""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from footage.errors import Interrupted, NotAVideo
from footage.model import Tracks, VideoTrack

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 50_000_000  # an 8K camera has 33 million; a made-up size must not fill the memory
_CODECS = {"JPEG": "mjpeg", "MPO": "mjpeg", "PNG": "png", "WEBP": "webp"}
_ORIENTATION = 0x0112  # the Exif tag: how the camera was held
_SIDEWAYS = range(5, 9)  # its values with which width and height change places
_FORMATS = ("JPEG", "PNG", "WEBP")
_NOT_READABLE = "The file is not a readable picture."
# What Pillow's readers raise at damaged bytes, besides its own DecompressionBombError.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    ArithmeticError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)
_one_at_a_time = threading.Lock()


def probe(path: Path, stop: threading.Event | None = None) -> Tracks:
    """Decode a downloaded still (JPEG, PNG or WebP) and measure it.

    Width and height are those of the picture held upright. Raises NotAVideo where it is not a whole
    picture of at most MOST_PIXELS, and Interrupted once `stop` is set.
    """
    _end_if(stop)
    codec, picture = _decode(path, None)
    track = VideoTrack(
        codec=codec,
        width=picture.width,
        height=picture.height,
        aspect="1/1",
        rate=Fraction(1),
        time_base=Fraction(1),
        frames=1,
        duration=0.0,
    )
    _end_if(stop)
    return Tracks(track, None)


def load(path: Path, least: tuple[int, int] | None = None) -> Image:
    """The picture upright, in RGB, without what else the file holds (place, device, time).

    least: width and height in pixels that are enough: a JPEG is then decoded smaller, and faster

    Raises NotAVideo, like `probe`.
    """
    return _decode(path, least)[1]


def _end_if(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Interrupted("Stopped while working on a picture.")


def _decode(path: Path, least: tuple[int, int] | None) -> tuple[str, Image]:
    from PIL import Image

    with path.open("rb") as file, _strictly():
        try:
            with Image.open(file, formats=_FORMATS) as picture:
                if picture.format == "PNG":
                    picture.verify()  # its checksums, which decoding does not check
                    file.seek(0)
            with Image.open(file, formats=_FORMATS) as picture:
                codec = _CODECS[picture.format or ""]
                if picture.width * picture.height > MOST_PIXELS:
                    raise Image.DecompressionBombError
                orientation = _orientation(picture)
                if least is not None:
                    picture.draft("RGB", least[::-1] if orientation in _SIDEWAYS else least)
                picture.load()
                shown = _upright(picture.convert("RGB"), orientation)
                shown.info.clear()
                return codec, shown
        except Image.DecompressionBombError as error:
            raise NotAVideo(
                f"The picture has more than {MOST_PIXELS // 1_000_000} megapixels, which no "
                "camera of a vehicle takes; it was not opened."
            ) from error
        except _DAMAGE as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk's trouble, not the picture's
            raise NotAVideo(_NOT_READABLE) from error


@contextmanager
def _strictly() -> Iterator[None]:
    """Pillow neither forgives a cut file nor prints warnings; one picture at a time.

    Both are settings of the whole process, hence the lock, which also bounds the memory.
    """
    from PIL import ImageFile

    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        forgiving = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = forgiving


def _orientation(picture: Image) -> int:
    """How the camera was held, by the picture's Exif data; 1 is upright or unknown."""
    try:
        value = picture.getexif().get(_ORIENTATION)
    except _DAMAGE:  # the picture itself may be whole all the same
        return 1
    return value if isinstance(value, int) else 1


def _upright(picture: Image, orientation: int) -> Image:
    """Undo what Exif calls the orientation, from 2 to 8."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return picture.transpose(turns[orientation]) if orientation in turns else picture
