"""Polls the accepted requests, and takes over what the provider says of their footage."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from footage.cloud.media_matching import pairs
from footage.cloud.shared_inputs import input_of, is_further, told_apart
from footage.errors import RequestRefused, TransientError
from footage.job import custody
from footage.job.requester import Requester
from footage.job.retrieval_run import RetrievalRun
from footage.job.run_state import RunState
from footage.model import Camera, Job, Media, MediaStatus, Retrieval, RetrievalState

log = logging.getLogger("footage.job.poller")

_CLOSEST_MEDIA = timedelta(days=1)  # what is reported further off is no time but a fault
_UNKNOWN_AFTER = 5  # so many polls in a row that were turned down, and it is left alone
# So many polls that did not bring back a clip which was here once, and it is left alone.
_GONE_AFTER = 5


@dataclass(frozen=True)
class _News:
    """What a poll tells of one media, where it is new; `known` is None for a further media."""

    known: Media | None
    answer: Media


class Poller:
    """Polls the retrievals of a run as they become due; several threads may `work` at it."""

    def __init__(self, state: RunState, requester: Requester) -> None:
        self._state = state
        self._context = state.context
        self._provider = state.context.provider
        self._requester = requester

    def work(self) -> None:
        """Poll one after the other until the run is done."""
        while True:
            seen = self._context.changes.count
            if self._state.done:
                return
            if not self.step():
                self._state.wait(seen, self._state.polls.next_at)

    def step(self) -> bool:
        """Poll the next that is due; False where none is."""
        run = self._state.polls.take()
        if run is not None and not self._state.over(run):
            self._poll(run)
        return run is not None

    def _poll(self, run: RetrievalRun) -> None:
        retrieval = run.retrieval
        try:
            answers = self._provider.check(self._context.journal.job.vehicle, retrieval)
        except TransientError as trouble:
            self._state.on_trouble(str(trouble))
            self._state.poll_later(run)
            return
        except RequestRefused as refusal:
            self._on_refusal(run, refusal)
            return
        self._state.on_answer()
        run.turned_down = 0
        with self._context.journal.locked() as job:
            answers, serials = told_apart(answers, job.serials, job.cameras)
            news = self._news(job, retrieval, answers)
            if news or serials != job.serials:  # else nothing is written
                self._take_over(run, news, serials)
            awaited = [m for m in retrieval.media if not m.settled and m.url is None]
            fetching = any(m.url for m in retrieval.media)
        if awaited and not fetching and all(media.lost for media in awaited):
            run.in_vain += 1
            if run.in_vain >= _GONE_AFTER:
                self._state.skip(run, f"{self._provider.name} does not have it any more")
                return
        if awaited:
            self._state.poll_later(run)

    def _on_refusal(self, run: RetrievalRun, refusal: RequestRefused) -> None:
        """The provider does not know the request, or so it says."""
        run.turned_down += 1
        self._state.trouble = f"{self._provider.name} does not know a request: {refusal.message}"
        retrieval = run.retrieval
        if run.turned_down < _UNKNOWN_AFTER:
            self._state.poll_later(run)
        elif retrieval.state is RetrievalState.FOUND or retrieval.from_other_job:
            self._requester.request_anew(run, refusal.message)
        else:
            # It may be the wrong account or a passing fault, so nothing is written off.
            self._state.skip(run, refusal.message)

    def _news(self, job: Job, retrieval: Retrieval, answers: Sequence[Media]) -> list[_News]:
        """Those answers that differ from what is known. Changes nothing."""
        news: list[_News] = []
        for camera in dict.fromkeys(answer.camera for answer in answers):
            known = [media for media in retrieval.media if media.camera == camera]
            reported = [answer for answer in answers if answer.camera == camera]
            if not known and not self._belongs(job, retrieval, camera):
                continue
            for media, answer in pairs(known, reported):
                if media is None or _tells_more(job, retrieval, media, answer):
                    news.append(_News(media, answer))
        return news

    def _belongs(self, job: Job, retrieval: Retrieval, camera: Camera) -> bool:
        """Whether the footage of a camera that a request does not name is to be kept."""
        if not is_further(camera):
            return not job.cameras_named and camera not in self._provider.cameras
        asked = retrieval.state is RetrievalState.ACCEPTED and not retrieval.repeat
        return asked and input_of(camera) in map(input_of, retrieval.cameras)

    def _take_over(
        self, run: RetrievalRun, news: Sequence[_News], serials: Mapping[str, str]
    ) -> None:
        """Write the news into the job, fetch what is there, and repeat what has failed."""
        retrieval = run.retrieval
        failed: list[Camera] = []
        with self._context.change(retrieval) as job:
            job.serials.update(serials)
            for one in news:
                media = one.known
                if media is None:
                    media = _further_media(job, retrieval, one.answer)
                _update(job, retrieval, media, one.answer)
                if media.status is MediaStatus.AVAILABLE:
                    media.url = one.answer.url
                    self._state.fetch(run, media)
                elif media.status.final:
                    self._log_final(retrieval, media)
                    custody.not_available(self._context.journal, retrieval, media)
                if media.status is MediaStatus.FAILED and media.lost is None:
                    failed.append(media.camera)  # what is lost was uploaded, and paid for
            if failed and not retrieval.repeat:
                self._requester.request_once_more(job, retrieval, list(dict.fromkeys(failed)))

    def _log_final(self, retrieval: Retrieval, media: Media) -> None:
        log.info(
            "%s from %s: %s says %s",
            media.camera.label,
            retrieval.window.start.isoformat(),
            self._provider.name,
            media.provider_message or media.status.value,
        )


def _further_media(job: Job, retrieval: Retrieval, answer: Media) -> Media:
    """Another piece of a camera's footage, or one of a camera that nobody knew of."""
    log.info("%s: another piece from %s", answer.camera.label, answer.start)
    media = Media(answer.camera)
    retrieval.media.append(media)
    if answer.camera not in job.cameras:
        job.cameras = (*job.cameras, answer.camera)
    return media


def _tells_more(job: Job, retrieval: Retrieval, media: Media, answer: Media) -> bool:
    """The answer differs from what is known of this media, which is still awaited."""
    if media.settled or media.url is not None:
        return False
    if answer.status is MediaStatus.AVAILABLE:
        return True
    if answer.role and job.roles.get(media.camera.input) != answer.role:
        return True
    updated = replace(media)
    _copy(retrieval, updated, answer)
    return updated != media


def _update(job: Job, retrieval: Retrieval, media: Media, answer: Media) -> None:
    if answer.unread_time and answer.unread_time != media.unread_time:
        log.warning("%s: no time can be read from %r", media.camera.label, answer.unread_time)
    _copy(retrieval, media, answer)
    if answer.role:
        job.roles[media.camera.input] = answer.role


def _copy(retrieval: Retrieval, media: Media, answer: Media) -> None:
    """What an answer says of a media, but for where it can be fetched."""
    media.status, media.provider_message = answer.status, answer.provider_message
    media.start = _credible(answer.start, retrieval)
    media.end = _credible(answer.end, retrieval)
    media.role, media.unread_time = answer.role, answer.unread_time
    media.serial = answer.serial


def _credible(moment: datetime | None, retrieval: Retrieval) -> datetime | None:
    """A time that a provider reports; None for one that has nothing to do with what was asked."""
    if moment is None or abs(moment - retrieval.window.start) > _CLOSEST_MEDIA:
        return None
    return moment
