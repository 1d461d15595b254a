"""What is in the cloud has to be as long as it was listed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.media import at, imagined, window

from footage.errors import NotAVideo
from footage.job.fetcher import _check_length
from footage.model import Media, MediaStatus, MediaType, Retrieval, RetrievalState
from SamsaraAPI import CAMERAS


def test_a_file_that_is_shorter_than_it_was_listed_is_not_taken_for_it() -> None:
    media = Media(CAMERAS[0], MediaStatus.AVAILABLE, start=at(0), end=at(60))
    found = Retrieval(window(0), [media], state=RetrievalState.FOUND)
    half, whole = imagined(0, 30).tracks, imagined(0, 58.5).tracks
    _check_length(found, media, whole)
    with pytest.raises(NotAVideo, match=r"30\.0 s, and not 60\.0 s"):
        _check_length(found, media, half)
    # What was requested is all there is, and a sped-up film is always shorter.
    _check_length(replace(found, state=RetrievalState.ACCEPTED), media, half)
    _check_length(replace(found, media_type=MediaType.HYPERLAPSE), media, half)
