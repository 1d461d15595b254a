"""The client of any provider's API, however that is signed in to."""

from __future__ import annotations

import pytest
from requests.auth import HTTPBasicAuth
from support.scripted import FakeTime, ScriptedServer, says

from footage.cloud.http import ApiClient
from footage.cloud.rate_limit import RateLimit
from footage.cloud.session import SignIn
from footage.errors import AuthenticationError, RequestRefused, TransientError

SIGN_IN = SignIn(
    HTTPBasicAuth("me", "pass-word"), ["pass-word", "fleet-7"], "user name and password", "Ask IT."
)


@pytest.fixture
def client(server: ScriptedServer) -> ApiClient:
    time = FakeTime()
    return ApiClient("Other", server.url, SIGN_IN, clock=time.clock, wait=time.wait)


def test_any_kind_of_sign_in_is_sent(server: ScriptedServer, client: ApiClient) -> None:
    server.script = [says(200, {"a": 1})]
    assert client.get("/x", client.rate_limiter(RateLimit(5, 1.0))).data == {"a": 1}
    _, _, headers, _ = server.asked[0]
    assert headers["Authorization"] == "Basic bWU6cGFzcy13b3Jk"


def test_a_refused_sign_in_is_called_by_its_name(server: ScriptedServer, client: ApiClient) -> None:
    server.script = [says(401, {"message": "No such user in fleet-7: pass-word."})]
    with pytest.raises(AuthenticationError) as refused:
        client.get("/x", client.rate_limiter(RateLimit(5, 1.0)))
    assert str(refused.value) == (
        "Other refused the user name and password (401: No such user in [hidden]: [hidden].). "
        "Ask IT."
    )


def test_a_redirect_does_not_get_the_credentials(server: ScriptedServer, client: ApiClient) -> None:
    server.script = [says(302, {}, {"Location": "https://elsewhere.example"})]
    with pytest.raises(TransientError, match="keep the user name and password from strangers"):
        client.get("/x", client.rate_limiter(RateLimit(5, 1.0)))


def test_every_secret_is_hidden(server: ScriptedServer, client: ApiClient) -> None:
    server.script = [says(404, {"message": "fleet-7 has no x; you sent pass-word"})]
    with pytest.raises(RequestRefused) as refused:
        client.get("/x", client.rate_limiter(RateLimit(5, 1.0)))
    assert refused.value.message == "[hidden] has no x; you sent [hidden]"
