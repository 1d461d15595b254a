"""What the clients of all providers share: rate-limited, logged calls with typed errors."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from footage.cloud.backoff import (
    TooManyRequests,
    retry_after,
    seconds_to_hold,
    worth_waiting,
)
from footage.cloud.clock_comparison import ClockComparison
from footage.cloud.connection_errors import TRANSPORT_ERRORS, bad_setting, never_sent, why
from footage.cloud.error_text import error_message, standard_phrase
from footage.cloud.json_fields import utc_text
from footage.cloud.rate_limit import Clock, RateLimit, RateLimiter, Wait
from footage.cloud.session import SignIn, direct, new_session
from footage.errors import (
    AuthenticationError,
    ConnectionSettingError,
    OutcomeUnknown,
    ProviderError,
    QuotaExhausted,
    RequestRefused,
    TransientError,
    UsageError,
)
from footage.model import Retrieval
from footage.system.redaction import Redactor
from footage.system.text import single_line
from footage.system.urls import checked_base_url

log = logging.getLogger("footage.cloud.http")

Params = Mapping[str, str | Sequence[str]]  # of a query; a list repeats its key

TIMEOUT = (10.0, 30.0)  # seconds to connect, seconds of silence
BODY_LIMIT = 20 * 1024**2  # bytes
KEPT_CONNECTION = 20.0  # seconds; one idle for longer may have died unseen, as in a closed laptop
MOST_429 = 20  # answers in a row to one call
PAGE_TRIES = 5  # of one page of a list
LONGEST_PAGE_PAUSE = 15.0  # seconds between two of them

_QUOTA = re.compile(
    r"(?i)\bquota|\busage limit|\ballowance|\ballotment|\bmonthly\b|\b(this|per|the) month\b"
)
# ... unless it is one of much shorter time: "request quota for this minute exceeded".
_OF_SHORT_TIME = re.compile(r"(?i)\b(this|per|each|a) (second|minute|hour)\b|\brate\b")


@dataclass(frozen=True)
class Answer:
    """A 2xx answer: its JSON object, and what the provider's support asks for."""

    data: Mapping[str, Any]
    status: int
    request_id: str


@dataclass(frozen=True)
class _Call:
    """One call of the API; `plain_403` and what may be None as in `ApiClient.post`."""

    method: str
    path: str
    rate_limiter: RateLimiter
    params: Params | None = None
    body: Mapping[str, Any] | None = None
    plain_403: bool = False


def _may_pass_soon(error: BaseException) -> bool:
    """A 429 has had its repetitions already."""
    return isinstance(error, TransientError) and error.status != 429


class ApiClient:
    """Calls one provider's API.

    name:      the provider's, for messages
    base_url:  https, or http on this computer; the credentials go nowhere else
    headers:   sent with each call
    wait:      waits so many seconds; may raise `Interrupted`

    Raises UsageError for a base URL that is not safe for the credentials.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        sign_in: SignIn,
        *,
        headers: Mapping[str, str] | None = None,
        clock: Clock = time.monotonic,
        wait: Wait = time.sleep,
    ) -> None:
        self.name = name
        self._headers = {"Accept": "application/json", **(headers or {})}
        try:
            self.base_url = checked_base_url(base_url)
        except UsageError as error:
            raise UsageError(f"The address of {name}'s API cannot be used: {error}.") from None
        self._sign_in = sign_in
        self._redactor = Redactor(sign_in.secrets)
        self._clock = clock
        self._wait = wait
        self.clock = ClockComparison()
        self._local = threading.local()

    def rate_limiter(self, limit: RateLimit) -> RateLimiter:
        """Keeps the calls it is given for under `limit`, by this client's clock."""
        return RateLimiter(*limit, self._clock, self._wait)

    def get(
        self,
        path: str,
        rate_limiter: RateLimiter,
        params: Params | None = None,
        *,
        tries: int = MOST_429,
    ) -> Answer:
        """A call that is safe to repeat; `tries` times at most where it is answered 429.

        Raises AuthenticationError, RequestRefused, or TransientError for all that may pass by
        itself.
        """
        return self._repeated(_Call("GET", path, rate_limiter, params), tries)

    def page(self, path: str, rate_limiter: RateLimiter, params: Params) -> Answer:
        """A page of a list, asked for again while what keeps it back may pass by itself.

        Raises AuthenticationError, RequestRefused, or TransientError after all tries.
        """
        retrying = Retrying(
            retry=retry_if_exception(_may_pass_soon),
            stop=stop_after_attempt(PAGE_TRIES),
            wait=wait_exponential(multiplier=1, max=LONGEST_PAGE_PAUSE),
            sleep=self._wait,
            reraise=True,
        )
        return retrying(self.get, path, rate_limiter, params)

    def post(
        self,
        path: str,
        rate_limiter: RateLimiter,
        body: Mapping[str, Any],
        *,
        quota_used: Callable[[], bool | None] | None = None,
        plain_403: bool = False,
    ) -> Answer:
        """A call that counts: sent once, and again only after a 429, which is a plain no.

        quota_used: asked at each 429 before waiting whether the quota is used up: True makes it
                    QuotaExhausted at once, False says it cannot be that, None that nobody knows
        plain_403:  a 403 turns down this request, and says nothing against the key

        Raises AuthenticationError, RequestRefused, QuotaExhausted, TransientError (never reached
        the provider) or OutcomeUnknown (may have been accepted).
        """
        call = _Call("POST", path, rate_limiter, body=body, plain_403=plain_403)
        return self._repeated(call, MOST_429, quota_used)

    def accepted_id(self, answer: Answer, retrieval_id: str, retrieval: Retrieval) -> str:
        """The id that the answer to a request for footage holds, logged.

        Raises OutcomeUnknown where it holds none ("").
        """
        if not retrieval_id:
            raise self._uncertain(
                "POST",
                f"{self.name} took the request, but its answer holds no retrieval id.",
                answer.status,
                answer.request_id,
            )
        log.info(
            "Asked %s for %s of %s from %s: retrieval %s",
            self.name,
            retrieval.media_type.value,
            ", ".join(media.camera.label for media in retrieval.media),
            utc_text(retrieval.window.start),
            retrieval_id,
        )
        return retrieval_id

    # --- one call, and its repetitions -----------------------------------------------------------

    def _repeated(
        self, call: _Call, tries: int, quota_used: Callable[[], bool | None] | None = None
    ) -> Answer:
        """The answer to a call that is repeated after each 429, `tries` times at most."""

        def send_once() -> Answer:
            try:
                return self._send(call)
            except TooManyRequests as error:
                known = quota_used() if quota_used is not None else None
                error.quota_used = error.quota_used if known is None else known
                raise

        retrying = Retrying(
            retry=retry_if_exception(worth_waiting),
            stop=stop_after_attempt(tries),
            wait=seconds_to_hold,
            sleep=call.rate_limiter.hold,  # all threads wait, not just this one
            reraise=True,
        )
        try:
            return retrying(send_once)
        except TooManyRequests as error:
            if call.method == "POST" and error.quota_used is not False:
                raise self._exhausted(error.message, error.request_id) from None
            raise TransientError(
                f"{self.name} is being asked too much (429: {error.message}), perhaps by other "
                "programs of your company.",
                status=429,
                request_id=error.request_id,
            ) from None

    def _send(self, call: _Call) -> Answer:
        url = self.base_url + call.path
        with call.rate_limiter.turn():
            began, sent_at = self._clock(), time.time()
            try:
                response = self._session().request(
                    call.method,
                    url,
                    params=call.params,
                    json=call.body,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                    stream=True,
                    proxies=direct(url),
                )
            except TRANSPORT_ERRORS as error:
                taken = self._clock() - began
                log.warning(
                    "%s %s -> no answer in %.2f s (%s)", call.method, call.path, taken, error
                )
                raise self._no_answer(call, error) from error
        self.clock.note(response.headers, sent_at, time.time())
        with response:
            content = _read(response)
        data = _parsed(content)
        request_id = _request_id(data, response)
        log.info(
            "%s %s -> %d in %.2f s%s",
            call.method,
            call.path,
            response.status_code,
            self._clock() - began,
            f" (request id {request_id})" if request_id else "",
        )
        if 200 <= response.status_code < 300 and isinstance(data, dict):
            return Answer(data, response.status_code, request_id)
        raise self._error(call, response, data, content, request_id)

    def without_secrets(self, text: str, limit: int | None = 300) -> str:
        """A text of the provider's, as it may be shown and kept: one line, without any secret."""
        return self._redactor.hide(single_line(text, limit))

    def _session(self) -> requests.Session:
        """This thread's session, without connections that may have died meanwhile."""
        now = time.time()  # of the wall: it goes on while the computer sleeps
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = new_session(self._sign_in.auth)
            session.headers.update(self._headers)
        elif not 0 <= now - self._local.used < KEPT_CONNECTION:
            session.close()
        self._local.used = now
        return session

    # --- answers into errors ---------------------------------------------------------------------

    def _error(
        self,
        call: _Call,
        response: requests.Response,
        data: object,
        content: bytes | None,
        request_id: str,
    ) -> Exception:
        """What an answer that is not a good one means."""
        status = response.status_code
        message = self.without_secrets(error_message(data, content)) or standard_phrase(status)
        if status >= 400:
            log.warning("%s said: %s", self.name, message)
        quota = call.method == "POST" and _is_about_quota(message)
        if status == 429:
            asked = retry_after(response.headers)
            # Words such as "Exceeded rate limit." are of the rate, however often they come.
            used_up = True if quota else False if _OF_SHORT_TIME.search(message) else None
            return TooManyRequests(message, asked, request_id, used_up)
        if 400 <= status < 500 and status not in (401, 408) and quota:
            return self._exhausted(message, request_id, status)
        if status == 401 or (status == 403 and not call.plain_403):
            return AuthenticationError(
                f"{self.name} refused the {self._sign_in.name} ({status}: {message}). "
                f"{self._sign_in.help}",
                status=status,
                request_id=request_id,
            )
        # 501 says that there is no such call: a plain no, of which nothing was accepted.
        if (400 <= status < 500 and status != 408) or status == 501:
            return RequestRefused(message, status=status, request_id=request_id)
        if 300 <= status < 400:
            return TransientError(
                f"{self.name}'s address sent us on to another one ({status}). That was not "
                f"followed, to keep the {self._sign_in.name} from strangers. Check the network: a "
                "sign-in page of a guest Wi-Fi does this.",
                status=status,
                request_id=request_id,
            )
        if status < 400:
            message = "its answer could not be read"
        return self._uncertain(
            call.method,
            f"{self.name} answered {status}: {message.rstrip('.')}.",
            status,
            request_id,
        )

    def _uncertain(self, method: str, message: str, status: int, request_id: str) -> ProviderError:
        """The error for a call that was sent and whose outcome is not known."""
        kind = OutcomeUnknown if method == "POST" else TransientError
        return kind(message, status=status, request_id=request_id)

    def _exhausted(self, message: str, request_id: str, status: int = 429) -> QuotaExhausted:
        return QuotaExhausted(
            f"{self.name} takes no more requests for footage ({status}: {message}). Most likely "
            "this month's quota is used up; asking can go on when the month is over.",
            status=status,
            request_id=request_id,
        )

    def _no_answer(self, call: _Call, error: Exception) -> ProviderError:
        if setting := bad_setting(error):
            return ConnectionSettingError(f"{self.name} cannot be reached: {setting}")
        if call.method == "POST" and not never_sent(error):
            return OutcomeUnknown(
                f"The request went to {self.name}, and no answer came: {why(error)}. It may have "
                "been accepted all the same."
            )
        return TransientError(f"{self.name} could not be reached: {why(error)}.")


def _is_about_quota(message: str) -> bool:
    return bool(_QUOTA.search(message)) and not _OF_SHORT_TIME.search(message)


# --- reading an answer ----------------------------------------------------------------------------


def _read(response: requests.Response) -> bytes | None:
    """The body, or None where it broke off or is larger than any answer should be."""
    content = bytearray()
    try:
        for chunk in response.iter_content(64 * 1024):
            content += chunk
            if len(content) > BODY_LIMIT:
                log.warning("The answer is larger than %d bytes; not read.", BODY_LIMIT)
                return None
    except TRANSPORT_ERRORS as error:
        log.warning("The answer broke off: %s", error)
        return None
    return bytes(content)


def _parsed(content: bytes | None) -> object:
    """The JSON of a body, or None."""
    if not content:
        return None
    try:
        return json.loads(content.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        return None


def _request_id(data: object, response: requests.Response) -> str:
    named = data.get("requestId") if isinstance(data, dict) else None
    return single_line(str(named or response.headers.get("X-Request-Id") or ""), 80)
