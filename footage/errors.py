"""Everything that can go wrong, in one tree; each class carries the exit status it leads to.

The text of an error is meant for the person at the screen: what happened, what it means for the
footage, what can be done now. It never holds a token or a signed URL.
"""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the program returns to whoever started it."""

    COMPLETE = 0
    NOTHING = 1  # no footage could be had, or the run could not be carried out
    USAGE = 2  # a wrong option or answer
    INCOMPLETE = 3  # something that was asked for is missing for good, or a file was not made
    STILL_COMING = 4  # something is missing that another run may still bring
    CHANGED = 5  # a file is not as it was fetched or made, is missing, or is one too many
    INTERRUPTED = 130  # Ctrl+C


class FootageError(Exception):
    """Base of all errors that end in one sentence instead of a traceback."""

    exit_status = ExitStatus.NOTHING


class UsageError(FootageError):
    """An option or an answer that cannot be used."""

    exit_status = ExitStatus.USAGE


class Interrupted(FootageError):
    """The person asked the program to stop."""

    exit_status = ExitStatus.INTERRUPTED


class Declined(FootageError):
    """The person answered no to going on."""


class JournalError(FootageError):
    """A journal that is damaged, of a newer version, in use by another run, or not writable."""

    exit_status = ExitStatus.USAGE


class JournalInUse(JournalError):
    """A journal on whose job another run works at the moment."""


class JournalDamaged(JournalError):
    """A journal whose content is not what the program wrote: damaged, or changed by hand."""


class FilesChanged(FootageError):
    """Files are not as they were fetched or made, so nothing is done that would vouch for them."""

    exit_status = ExitStatus.CHANGED


class DiskError(FootageError):
    """A folder that is full, read-only or not ours to write to."""


# --- the provider's API -------------------------------------------------------------------------


class ProviderError(FootageError):
    """The provider answered something that stops what was being done.

    message:    the provider's own words, or ours where it said nothing
    status:     HTTP status, 0 where there was no answer
    request_id: what the provider's support asks for, "" where it gave none
    """

    def __init__(self, message: str, *, status: int = 0, request_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.request_id = request_id


class AuthenticationError(ProviderError):
    """401 or 403: the API key is wrong, revoked, or lacks a permission."""

    exit_status = ExitStatus.USAGE


class RequestRefused(ProviderError):
    """The provider understood and said no (4xx): asking again the same way is pointless."""


class WindowTooLong(RequestRefused):
    """The window is longer than this provider, vehicle or kind of footage allows.

    longest:   seconds that are surely allowed
    only_this: it is refused for want of some of its footage; shorter ones may be had in its place
    """

    def __init__(
        self,
        refusal: RequestRefused,
        longest: float,
        *,
        only_this: bool = False,
    ) -> None:
        super().__init__(refusal.message, status=refusal.status, request_id=refusal.request_id)
        self.longest = longest
        self.only_this = only_this


class NoSuchCamera(RequestRefused):
    """The vehicle has no such camera."""


class AlreadyRequested(RequestRefused):
    """The very same was asked for before: its retrieval may be known from another job of ours."""


class QuotaExhausted(ProviderError):
    """The month's quota is used up; asking goes on next month."""

    exit_status = ExitStatus.STILL_COMING


class TransientError(ProviderError):
    """No connection, a 5xx or a broken answer to a call that is safe to repeat: try later."""


class ConnectionSettingError(ProviderError):
    """A proxy or certificate setting of this computer with which no call can ever succeed."""

    exit_status = ExitStatus.USAGE


class OutcomeUnknown(ProviderError):
    """A request for footage was sent and its answer never came: it may have been accepted."""


# --- the media host ------------------------------------------------------------------------------


class DownloadError(FootageError):
    """One clip could not be fetched this time; the text names the reason."""


class Undeliverable(DownloadError):
    """The media host answered, and has no such file."""


class UrlExpired(DownloadError):
    """The signed URL is no longer valid: look the retrieval up again for a new one."""


class NotAVideo(DownloadError):
    """What came is not playable video (an error page, an empty or damaged file)."""


# --- ffmpeg --------------------------------------------------------------------------------------


class FfmpegMissing(FootageError):
    """ffmpeg cannot be started at all, so nothing can be said of any file."""


class FfmpegError(FootageError):
    """ffmpeg ended with an error; `detail` holds its own last words, for the log."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail
