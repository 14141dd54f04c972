"""Encryption or nothing: when the panel answers, and what it tells browsers to refuse."""

import ssl
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from telemarketing.web.security import client_address, is_encrypted, is_safe
from telemarketing.web.server import Panel, make_app
from tests.people import PASSWORD
from tests.web.panel import PanelUnderTest

ELSEWHERE = "203.0.113.5"
HTTPS = {"X-Forwarded-For": ELSEWHERE, "X-Forwarded-Proto": "https"}
HTTP = {"X-Forwarded-For": ELSEWHERE, "X-Forwarded-Proto": "http"}


def request_from(panel: PanelUnderTest, remote: str, headers: dict[str, str]) -> web.Request:
    """A request as it arrives from an address; tests have no network but this machine's."""
    made = make_mocked_request("GET", "/", {"Host": "127.0.0.1:8420", **headers}, app=panel.app)
    request = made.clone(remote=remote)
    request._match_info = made.match_info  # clone() leaves the application behind
    return request


@pytest.mark.parametrize(
    ("remote", "headers", "safe", "encrypted"),
    [
        ("127.0.0.1", {}, True, False),
        ("::1", {"Host": "[::1]:8420"}, True, False),
        ("::ffff:127.0.0.1", {"Host": "localhost:8420"}, True, False),
        ("127.0.0.1", {"Host": "panel.localhost"}, True, False),
        ("127.0.0.1", HTTPS, True, True),
        ("127.0.0.1", HTTP, False, False),
        ("127.0.0.1", {"X-Forwarded-For": ELSEWHERE}, False, False),
        ("127.0.0.1", {"Via": "1.1 proxy"}, False, False),
        ("127.0.0.1", {"X-Forwarded-Proto": "https, http"}, False, False),
        ("127.0.0.1", {"Host": "rebound.example"}, False, False),
        (ELSEWHERE, {}, False, False),
        (ELSEWHERE, HTTPS, False, False),
    ],
)
async def test_nothing_is_answered_that_others_could_hear(
    panel: PanelUnderTest, remote: str, headers: dict[str, str], safe: bool, encrypted: bool
) -> None:
    """Plain HTTP from this machine to itself, under its own name; else a believed proxy's HTTPS."""
    request = request_from(panel, remote, headers)

    assert is_safe(request) is safe
    assert is_encrypted(request) is encrypted


@pytest.mark.parametrize(
    ("remote", "hops", "client"),
    [
        ("127.0.0.1", ELSEWHERE, ELSEWHERE),
        ("127.0.0.1", f"8.8.8.8, {ELSEWHERE}", ELSEWHERE),
        ("127.0.0.1", f"{ELSEWHERE}, 127.0.0.1", ELSEWHERE),
        ("127.0.0.1", "no address", "127.0.0.1"),
        (ELSEWHERE, "8.8.8.8", ELSEWHERE),
    ],
)
async def test_only_proxies_that_are_believed_say_who_comes(
    panel: PanelUnderTest, remote: str, hops: str, client: str
) -> None:
    """What a stranger writes into X-Forwarded-For counts for nothing."""
    request = request_from(panel, remote, {"X-Forwarded-For": hops, "X-Forwarded-Proto": "https"})

    assert client_address(request) == client


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "over HTTPS only"), ("ru", "только по HTTPS"), ("uk", "лише через HTTPS")],
)
async def test_a_refusal_says_why_and_what_helps(
    panel: PanelUnderTest, language: str, sentence: str
) -> None:
    """In the browser's language, for there is no person yet; no cookie is given away."""
    visitor = await panel.visitor()

    answer = await visitor.get(
        "/sign-in", headers={**HTTP, "Accept": "text/html", "Accept-Language": language}
    )

    assert answer.status == 403
    assert sentence in answer.text
    assert "panel.certificate_file" in answer.text
    assert "Set-Cookie" not in answer.headers


async def test_behind_a_proxy_cookies_are_for_https_alone(panel: PanelUnderTest) -> None:
    """The prefix __Host- binds them to this very site, and browsers remember to come by HTTPS."""
    visitor = await panel.visitor()

    answer = await visitor.get("/sign-in", headers=HTTPS)

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-telemarketing-visit=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_on_this_machine_cookies_have_the_port_in_their_name(panel: PanelUnderTest) -> None:
    """Browsers keep no cookies apart by port, and the demo may run beside the real panel."""
    visitor = await panel.visitor()

    answer = await visitor.get("/sign-in")

    port = panel.url.rstrip("/").rpartition(":")[2]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"telemarketing-visit-{port}=")
    assert "HttpOnly" in cookie
    assert "Strict-Transport-Security" not in answer.headers


async def test_a_certificate_of_its_own(panel: PanelUnderTest, tmp_path: Path) -> None:
    """With certificate and key the panel needs no proxy; one signs in, and stays signed in."""
    authority = trustme.CA()
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    browser_side = ssl.create_default_context()
    authority.configure_trust(browser_side)
    own = Panel(await make_app(panel.program()), "127.0.0.1", 0, server_side)
    await own.start()
    try:
        async with aiohttp.ClientSession(
            own.url,
            connector=aiohttp.TCPConnector(ssl=browser_side),
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Origin": own.url.rstrip("/")},
        ) as browser:
            form = await (await browser.get("/sign-in")).text()
            token = form.partition('name="csrf_token" value="')[2].partition('"')[0]
            fields = {"csrf_token": token, "login": "melnyk", "password": PASSWORD, "next": "/me"}
            signed_in = await browser.post("/sign-in", data=fields)
            assert signed_in.url.path == "/me"
            assert {cookie.key for cookie in browser.cookie_jar} == {
                "__Host-telemarketing",
                "__Host-telemarketing-visit",
            }
    finally:
        await own.stop()


async def test_every_answer_says_what_the_browser_may_do(panel: PanelUnderTest) -> None:
    """Pages, refusals and what monitoring reads alike."""
    visitor = await panel.signed_in(panel.people.operator)
    for path in ("/me", "/no-such-page", "/healthz"):
        headers = (await visitor.get(path)).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


async def test_styles_and_scripts_carry_no_policy_of_their_own(panel: PanelUnderTest) -> None:
    """They do what the page may that loads them, and come many at once."""
    visitor = await panel.visitor()

    answer = await visitor.get(panel.stylesheet)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in answer.headers
