"""What Motive means when it refuses a request, by the words it uses: neither its codes nor its
texts are documented. Pure functions.
"""

from __future__ import annotations

import re

from footage.errors import AlreadyRequested, RequestRefused, TransientError, WindowTooLong
from footage.model import MediaType, Retrieval

_REQUESTED_BEFORE = re.compile(
    r"(?i)duplicat|identical|pending request|\bsame (request|recall|time)"
    r"|\balready\b(?!.*\b(overwritten|deleted|erased|expired|removed|gone|lost)\b)"
    r"|^(?!.*\b(no|not|none|never|doesn't)\b).*\bexists?\b"
)
_TOO_MANY = re.compile(r"(?i)too many|number of (pending|open|active)|try again (later|in)\b")
_SMART_OR_LONG = re.compile(
    r"(?i)\bsmart|\b(1|one)[ -]?min|\b60[ -]?sec|\bduration|too long|time-?lapse.*\bsupport"
)
_NO_FOOTAGE = re.compile(
    r"(?i)\b(footage|videos?|recordings?|recorded)\b|not available|unavailable"
)
_NOT_ITS_LENGTH = re.compile(
    r"(?i)position|cameras?\b|vehicle|asset|recall_type|\bfuture\b|permi(t|ssion)|forbidden"
)
_IMAGES_OFF = re.compile(r"(?i)video_monitoring|\bimage|\bfeature")


def refusal_meaning(
    refusal: RequestRefused, retrieval: Retrieval, longest_smart: float
) -> RequestRefused | TransientError:
    """The error that a refusal of `retrieval` stands for.

    longest_smart: seconds of video that a smart dashcam gives in one recall
    """
    text, status, request_id = refusal.message, refusal.status, refusal.request_id
    smart_or_long = _SMART_OR_LONG.search(text) is not None
    if _TOO_MANY.search(text):
        return TransientError(
            f"Motive takes no more requests for now ({text.rstrip('.')}).",
            status=status,
            request_id=request_id,
        )
    conflict = status == 409 and not smart_or_long
    if conflict or (status in (400, 409, 422) and _REQUESTED_BEFORE.search(text)):
        return AlreadyRequested(text, status=status, request_id=request_id)
    if retrieval.media_type is MediaType.IMAGE and (status == 403 or _IMAGES_OFF.search(text)):
        return RequestRefused(
            f"Motive took no picture ({text.rstrip('.')}). Pictures are switched on in Motive "
            "under Admin > Safety > Cameras > Capture Trip Images, and the key has to allow them "
            "(Admin > Developers > API Access).",
            status=status,
            request_id=request_id,
        )
    if retrieval.media_type is MediaType.TIMELAPSE and smart_or_long:
        return RequestRefused(
            "Most likely this vehicle's camera cannot record time-lapse, as smart dashcams cannot. "
            f"Motive said: {text}",
            status=status,
            request_id=request_id,
        )
    if retrieval.window.seconds > longest_smart and smart_or_long:
        return WindowTooLong(refusal, longest_smart)
    if retrieval.media_type is MediaType.HIGH and retrieval.window.seconds > longest_smart:
        return _meaning_for_a_long_window(refusal, retrieval, longest_smart)
    return refusal


def _meaning_for_a_long_window(
    refusal: RequestRefused, retrieval: Retrieval, longest_smart: float
) -> RequestRefused:
    if _NO_FOOTAGE.search(refusal.message):
        # All of a window has to be there, so shorter ones may bring what there is.
        return WindowTooLong(refusal, longest_smart, only_this=True)
    if refusal.status not in (400, 422) or _NOT_ITS_LENGTH.search(refusal.message):
        return refusal
    if not retrieval.possible_duplicates:  # it may be a smart dashcam
        return WindowTooLong(refusal, longest_smart, only_this=True)
    # Most likely the sending before, whose answer never came, was accepted.
    return AlreadyRequested(refusal.message, status=refusal.status, request_id=refusal.request_id)
