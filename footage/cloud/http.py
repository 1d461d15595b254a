"""What the clients of all providers share: one paced, logged call with typed errors."""

from __future__ import annotations

import json
import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.auth import AuthBase
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
)
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
)
from urllib3.exceptions import ProxyError as ProxyFailed

from footage.cloud.error_text import standard_words, words_of
from footage.cloud.rate_limit import Clock, RateLimiter, Wait
from footage.errors import (
    AuthenticationError,
    OutcomeUnknown,
    ProviderError,
    QuotaExhausted,
    RequestRefused,
    TransientError,
    UsageError,
)
from footage.system.redaction import Redactor
from footage.system.text import printable
from footage.system.urls import address, checked_base_url, on_this_computer

log = logging.getLogger("footage.cloud.http")

Params = Mapping[str, str | Sequence[str]]  # of a query; a list repeats its key

TIMEOUT = (10.0, 30.0)  # seconds to connect, seconds of silence
BODY_LIMIT = 20 * 1024**2  # bytes
KEPT_CONNECTION = 20.0  # seconds; one idle for longer may have died unseen, as in a closed laptop
MOST_429 = 20  # answers in a row to one call
LONGEST_HOLD = 600.0  # seconds; who is told to wait longer is told to come back another time
LONGEST_BACKOFF = 60.0  # seconds
PAGE_TRIES = 5  # of one page of a list
LONGEST_PAGE_PAUSE = 15.0  # seconds between two of them

_QUOTA_WORDS = re.compile(
    r"(?i)\bquota|\busage limit|\ballowance|\ballotment|\bmonthly\b|\b(this|per|the) month\b"
)
# ... unless it is one of much shorter time: "request quota for this minute exceeded".
_OF_SHORT_TIME = re.compile(r"(?i)\b(this|per|each|a) (second|minute|hour)\b|\brate\b")

# Everything that requests lets out while it sends or receives, and what urllib3 lets through.
TRANSPORT_ERRORS = (requests.RequestException, HTTPError, OSError)


class HeaderAuth(AuthBase):
    """Puts an API key into one header of each request."""

    def __init__(self, header: str, value: str) -> None:
        self.header = header
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self.header] = self._value
        return request


def new_session(
    auth: Callable[[requests.PreparedRequest], requests.PreparedRequest],
) -> requests.Session:
    """A session without cookies; proxies are as the system has them.

    Being given an `auth`, it does not look into ~/.netrc for credentials.
    """
    session = requests.Session()
    session.auth = auth
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def direct(url: str) -> dict[str, str]:
    """The `proxies` argument that keeps a call within this computer off any proxy."""
    parts = address(url)
    host = (parts.host or "").strip("[]") if parts else ""
    return {"no_proxy": host} if on_this_computer(host) else {}


@dataclass(frozen=True)
class SignIn:
    """How a client signs in to its provider.

    auth:    puts the credentials into each request
    secrets: what is hidden in whatever is shown or logged
    name:    what messages call the credentials, such as "API key"
    help:    what to do where the provider refuses them
    """

    auth: AuthBase
    secrets: Sequence[str]
    name: str
    help: str


@dataclass(frozen=True)
class Answer:
    """A 2xx answer: its JSON object, and what the provider's support asks for."""

    data: Mapping[str, Any]
    status: int
    request_id: str


def _may_pass_soon(error: BaseException) -> bool:
    """A 429 has had its repetitions already."""
    return isinstance(error, TransientError) and error.status != 429


class _TooManyRequests(Exception):
    """No more calls for now, or for this month.

    used_up: the month's quota is; None where that is not known
    """

    def __init__(
        self, retry_after: float | None, words: str, request_id: str, used_up: bool | None
    ) -> None:
        super().__init__(words)
        self.retry_after = retry_after
        self.words = words
        self.request_id = request_id
        self.used_up = used_up


def _may_be_let_in(error: BaseException) -> bool:
    """Whether it is worth waiting for as long as the provider says."""
    if not isinstance(error, _TooManyRequests) or error.used_up:
        return False
    return error.used_up is False or (error.retry_after or 0.0) <= LONGEST_HOLD


class ApiClient:
    """Calls one provider's API.

    name:      the provider's, for messages
    base_url:  https, or http on this computer; the credentials go nowhere else
    wait:      waits so many seconds; may raise `Interrupted`

    Raises UsageError for a base URL that is not safe for the credentials.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        sign_in: SignIn,
        *,
        clock: Clock = time.monotonic,
        wait: Wait = time.sleep,
    ) -> None:
        self.name = name
        try:
            self.base_url = checked_base_url(base_url)
        except UsageError as error:
            raise UsageError(f"The address of {name}'s API cannot be used: {error}.") from None
        self._sign_in = sign_in
        self._redactor = Redactor(sign_in.secrets)
        self._clock = clock
        self._wait = wait
        self._local = threading.local()

    def rate_limiter(self, calls: int, period: float) -> RateLimiter:
        """A pacer on this client's clock."""
        return RateLimiter(calls, period, self._clock, self._wait)

    def get(
        self,
        path: str,
        rate_limiter: RateLimiter,
        params: Params | None = None,
        *,
        tries: int = MOST_429,
    ) -> Answer:
        """A call that is safe to repeat; `tries` times at most where it is answered 429.

        Raises KeyRefused, RequestRefused, or NotNow for all that may pass by itself.
        """
        return self._paced("GET", path, rate_limiter, params=params, tries=tries)

    def page(self, path: str, rate_limiter: RateLimiter, params: Params) -> Answer:
        """A page of a list, asked for again while what keeps it back may pass by itself.

        Raises KeyRefused, RequestRefused, or NotNow after all tries.
        """
        patiently = Retrying(
            retry=retry_if_exception(_may_pass_soon),
            stop=stop_after_attempt(PAGE_TRIES),
            wait=wait_exponential(multiplier=1, max=LONGEST_PAGE_PAUSE),
            sleep=self._wait,
            reraise=True,
        )
        return patiently(self.get, path, rate_limiter, params)

    def post(
        self,
        path: str,
        rate_limiter: RateLimiter,
        body: Mapping[str, Any],
        *,
        is_final: Callable[[], bool | None] | None = None,
        plain_403: bool = False,
    ) -> Answer:
        """A call that counts: sent once, and again only after a 429, which is a plain no.

        is_final:  asked at each 429 before waiting whether the quota is used up: True makes it
                   QuotaExhausted at once, False says that it cannot be that, None that nobody knows
        plain_403: a 403 turns down this request, and says nothing against the key

        Raises KeyRefused, RequestRefused, QuotaExhausted, NotNow (never reached the provider) or
        InDoubt (may have been accepted).
        """
        return self._paced(
            "POST", path, rate_limiter, body=body, is_final=is_final, plain_403=plain_403
        )

    # --- pace and repetition ---------------------------------------------------------------------

    def _paced(
        self,
        method: str,
        path: str,
        rate_limiter: RateLimiter,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        tries: int = MOST_429,
        is_final: Callable[[], bool | None] | None = None,
        plain_403: bool = False,
    ) -> Answer:
        def once() -> Answer:
            try:
                return self._once(method, path, rate_limiter, params, body, plain_403)
            except _TooManyRequests as error:
                surely = is_final() if is_final is not None else None
                error.used_up = error.used_up if surely is None else surely
                raise

        until_let_in = Retrying(
            retry=retry_if_exception(_may_be_let_in),
            stop=stop_after_attempt(tries),
            wait=_pause,
            sleep=rate_limiter.hold,  # all threads wait, not just this one
            reraise=True,
        )
        try:
            return until_let_in(once)
        except _TooManyRequests as error:
            if method == "POST" and error.used_up is not False:
                raise self._exhausted(error.words, error.request_id) from None
            raise TransientError(
                f"{self.name} is being asked too much (429: {error.words}), perhaps by other "
                "programs of your company.",
                status=429,
                request_id=error.request_id,
            ) from None

    def _once(
        self,
        method: str,
        path: str,
        rate_limiter: RateLimiter,
        params: Params | None,
        body: Mapping[str, Any] | None,
        plain_403: bool,
    ) -> Answer:
        rate_limiter.take()
        began = self._clock()
        url = self.base_url + path
        try:
            response = self._session().request(
                method,
                url,
                params=params,
                json=body,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
                proxies=direct(url),
            )
        except TRANSPORT_ERRORS as error:
            log.warning(
                "%s %s -> no answer in %.2f s (%s)", method, path, self._clock() - began, error
            )
            raise self._no_answer(method, error) from error
        with response:
            content = _read(response)
        data = _parsed(content)
        request_id = _request_id(data, response)
        log.info(
            "%s %s -> %d in %.2f s%s",
            method,
            path,
            response.status_code,
            self._clock() - began,
            f" (request id {request_id})" if request_id else "",
        )
        if 200 <= response.status_code < 300 and isinstance(data, dict):
            return Answer(data, response.status_code, request_id)
        raise self._error(method, response, data, content, request_id, plain_403)

    def shown(self, text: str, limit: int | None = 300) -> str:
        """What the provider says, as it may be shown and kept: one line, without any secret."""
        return self._redactor.hide(printable(text, limit))

    def _session(self) -> requests.Session:
        """This thread's session, without connections that may have died meanwhile."""
        now = time.time()  # of the wall: it goes on while the computer sleeps
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = new_session(self._sign_in.auth)
            session.headers["Accept"] = "application/json"
        elif not 0 <= now - self._local.used < KEPT_CONNECTION:
            session.close()
        self._local.used = now
        return session

    # --- answers into errors ---------------------------------------------------------------------

    def _error(
        self,
        method: str,
        response: requests.Response,
        data: object,
        content: bytes | None,
        request_id: str,
        plain_403: bool,
    ) -> Exception:
        """What an answer that is not a good one means."""
        status = response.status_code
        words = self.shown(words_of(data, content)) or standard_words(status)
        if status >= 400:
            log.warning("%s said: %s", self.name, words)
        quota = method == "POST" and _tells_of_quota(words)
        if status == 429:
            asked = retry_after(response.headers)
            return _TooManyRequests(asked, words, request_id, True if quota else None)
        if 400 <= status < 500 and status not in (401, 408) and quota:
            return self._exhausted(words, request_id, status)
        if status == 401 or (status == 403 and not plain_403):
            return AuthenticationError(
                f"{self.name} refused the {self._sign_in.name} ({status}: {words}). "
                f"{self._sign_in.help}",
                status=status,
                request_id=request_id,
            )
        if 400 <= status < 500 and status != 408:
            return RequestRefused(words, status=status, request_id=request_id)
        if 300 <= status < 400:
            return TransientError(
                f"{self.name}'s address sent us on to another one ({status}). That was not "
                f"followed, to keep the {self._sign_in.name} from strangers. Check the network: a "
                "sign-in page of a guest Wi-Fi does this.",
                status=status,
                request_id=request_id,
            )
        if status < 400:
            words = "its answer could not be read"
        return self.uncertain(
            method, f"{self.name} answered {status}: {words.rstrip('.')}.", status, request_id
        )

    def uncertain(self, method: str, message: str, status: int, request_id: str) -> ProviderError:
        """The error for a call that was sent and whose outcome is not known."""
        kind = OutcomeUnknown if method == "POST" else TransientError
        return kind(message, status=status, request_id=request_id)

    def _exhausted(self, words: str, request_id: str, status: int = 429) -> QuotaExhausted:
        return QuotaExhausted(
            f"{self.name} takes no more requests for footage ({status}: {words}). Most likely "
            "this month's footage is used up; asking can go on when the month is over.",
            status=status,
            request_id=request_id,
        )

    def _no_answer(self, method: str, error: Exception) -> ProviderError:
        if method == "POST" and not never_sent(error):
            return OutcomeUnknown(
                f"The request went to {self.name}, and no answer came: {why(error)}. It may have "
                "been accepted all the same."
            )
        return TransientError(f"{self.name} could not be reached: {why(error)}.")


def _tells_of_quota(words: str) -> bool:
    return bool(_QUOTA_WORDS.search(words)) and not _OF_SHORT_TIME.search(words)


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
    found = data.get("requestId") if isinstance(data, dict) else None
    return printable(str(found or response.headers.get("X-Request-Id") or ""), 80)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from `Retry-After`: whole, fractional ("0.40235", Samsara's) or an HTTP date."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d*)?|\.\d+", text):
        return float(text)
    then, now = _http_date(text), _http_date(headers.get("Date", ""))
    if then is None:
        return None
    # By the provider's own clock where it says: ours may be wrong.
    return max(0.0, (then - (now or datetime.now(timezone.utc))).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)


def _pause(state: RetryCallState) -> float:
    """Seconds to hold after a 429: what the provider says; when it keeps saying no, longer."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, _TooManyRequests) else None
    if asked is None:
        return float(min(2.0 ** (state.attempt_number - 1), LONGEST_BACKOFF))
    stubborn = 0.0 if state.attempt_number <= 3 else 2.0 ** (state.attempt_number - 4)
    return max(asked, min(stubborn, LONGEST_BACKOFF))


# --- reading a failure ----------------------------------------------------------------------------


def never_sent(error: BaseException) -> bool:
    """Whether a failed call surely did not reach the provider: no connection was ever made."""
    if isinstance(error, OSError) and not isinstance(
        error, (requests.RequestException, ConnectionError, TimeoutError, ssl.SSLError)
    ):
        return True  # certificates that could not be read, before connecting
    unsent = (
        NewConnectionError,
        ConnectTimeoutError,
        ProxyFailed,
        requests.ConnectTimeout,
        requests.exceptions.ProxyError,
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidHeader,
        ssl.SSLCertVerificationError,
    )
    return any(isinstance(inner, unsent) for inner in causes(error))


# By name, as they come from requests, urllib3, ssl and socket; the first that fits.
_REASONS = {
    "gaierror": "its name could not be found (is this computer online?)",
    "NameResolutionError": "its name could not be found (is this computer online?)",
    "ProxyError": "the network's proxy did not let us through",
    "SSLCertVerificationError": (
        "its certificate could not be verified; the network may be inspecting traffic"
    ),
    "SSLError": "the encrypted connection failed",
    "ConnectionRefusedError": "the connection was refused",
    "NewConnectionError": "no connection could be made (is this computer online?)",
    "ConnectTimeoutError": "it did not answer in time",
    "ReadTimeoutError": "it fell silent",
}


def why(error: BaseException) -> str:
    """The reason of a failed connection in plain words, without any address."""
    names = {cls.__name__ for inner in causes(error) for cls in type(inner).__mro__}
    for name, reason in _REASONS.items():
        if name in names:
            return reason
    return "the connection broke"


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it was made from: arguments, reasons, causes.

    Not its context: that may be another failure, which the caller was just handling.
    """
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        linked = [*one.args, getattr(one, "reason", None), one.__cause__]
        waiting += [other for other in linked if isinstance(other, BaseException)]
