"""What is known of one retrieval in this run of the program only; nothing of it is journalled."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from footage.model import Media, Retrieval


@dataclass(eq=False)
class MediaRun:
    """The downloads of one media: how many brought no video, and how many no file at all.

    refused: how many addresses in a row the host refused, each newer than the one before
    no_whole_video: SHA-256 of the latest file that was no whole video
    noted_available: the custody says that this run found it available
    """

    run: RetrievalRun
    media: Media
    not_video: int = 0
    not_there: int = 0
    refused: int = 0
    no_whole_video: str = ""
    noted_available: bool = False


@dataclass(eq=False)
class RetrievalRun:
    """One retrieval of the run.

    next_pause:   seconds until it is polled again, where a poll brings no news; 0: not set yet
    poll_due:     when it is polled next, by the run's clock; None: not planned
    polled_at:    when it was polled last
    sent_in_vain: how often it was sent, and the answer never came
    send_pause:   seconds until it is sent again, where it surely was not taken; 0: not set yet
    awaited_since: when another run was first seen to be sending the same; None: it was not
    turned_down:  polls in a row that the provider answered with a refusal
    in_vain:      polls that did not bring back what was here once
    fetching:     downloads of its footage under way
    skipped:      why it is left alone for the rest of this run; "": it is not
    replaced:     it is no longer in the job: others stand in its place
    """

    retrieval: Retrieval
    next_pause: float = 0.0
    poll_due: float | None = None
    polled_at: float = -math.inf
    sent_in_vain: int = 0
    send_pause: float = 0.0
    awaited_since: float | None = None
    turned_down: int = 0
    in_vain: int = 0
    fetching: int = 0
    skipped: str = ""
    replaced: bool = False
    media: list[MediaRun] = field(default_factory=list)

    def media_run(self, media: Media) -> MediaRun:
        """The record of one of its media. It stays the same for the whole run."""
        for known in self.media:
            if known.media is media:
                return known
        self.media.append(MediaRun(self, media))
        return self.media[-1]
