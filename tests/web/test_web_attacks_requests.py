"""Requests that no browser sends: each gets an answer that is no fault of ours, at once."""

import asyncio

import pytest

from telemarketing.web.cookies import csrf_token
from tests.web.panel import PanelUnderTest

pytestmark = pytest.mark.process

FORM = b"application/x-www-form-urlencoded"
VISIT = "visit"


def form(body: bytes, kind: bytes = FORM) -> bytes:
    """Headers and body of something that is sent."""
    return b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(body), body)


async def answer_to(panel: PanelUnderTest, request: bytes) -> tuple[int, bytes]:
    """Send bytes as they are; give the status and the rest of the answer.

    `PORT` in them becomes the panel's.
    """
    port = panel.url.rstrip("/").rpartition(":")[2]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    try:
        writer.write(request.replace(b"PORT", port.encode()))
        async with asyncio.timeout(5):
            answer = await reader.read()
    finally:
        writer.close()
    return int(answer.split()[1]), answer


HOST = b"Host: 127.0.0.1:PORT\r\nConnection: close\r\n"


@pytest.mark.parametrize("host", [b"a:b:c", b"localhost:99999", b"\xff\xfe", b"", b":80"], ids=repr)
async def test_a_host_that_is_none_is_not_understood(panel: PanelUnderTest, host: bytes) -> None:
    """And no page is made for it, which would need it."""
    request = b"GET /sign-in HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % host
    status, answer = await answer_to(panel, request)

    assert status == 400
    assert b"Content-Security-Policy" in answer


@pytest.mark.parametrize(
    "header",
    [
        b"Cookie: telemarketing-PORT=\xff\xfe",
        b"Cookie: telemarketing-visit-PORT=\xff\xfe",
        b"User-Agent: \xff",
        b"Accept-Language: \xff",
    ],
    ids=repr,
)
async def test_headers_that_are_no_text_are_not_understood(
    panel: PanelUnderTest, header: bytes
) -> None:
    """Half signs can be neither hashed nor stored."""
    status, _ = await answer_to(panel, b"GET / HTTP/1.1\r\n" + HOST + header + b"\r\n\r\n")

    assert status == 400


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (form(b"login=\xff\xfe&password=x"), 400),
        (form(b"login=a%00b&password=x"), 422),
        (form(b"login=%ED%A0%80&password=x"), 422),
        (form(b"login=a&password=x", FORM + b"; charset=foo"), 415),
        (form(rb"login=\ud800&password=x", FORM + b"; charset=unicode_escape"), 415),
        (form(b"a=b&" * 100_000), 413),
        (form(b"login=" + b"a" * 1_100_000), 413),
        (form(b'{"login": "a"}', b"application/json"), 415),
        (form(b"login=a&password=x", b"text/plain"), 415),
        (form(b"--x\r\n\r\nfoo\r\n--x--\r\n", b"multipart/form-data; boundary=x"), 415),
        (form(b"", b"multipart/form-data"), 415),
        (b"Content-Encoding: gzip\r\n" + form(b"login=a"), 415),
        (b"Origin: http://[\r\n" + form(b"login=a"), 403),
        (b"X-CSRF-Token: \xff\r\n" + form(b"login=a"), 400),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else str(value),
)
async def test_only_forms_as_our_pages_send_them_are_read(
    panel: PanelUnderTest, sent: bytes, expected: int
) -> None:
    """Nobody has to sign in to send one, so none may be a fault, or take what others need."""
    headers = f"Cookie: telemarketing-visit-PORT={VISIT}\r\n"
    if b"X-CSRF-Token" not in sent and expected != 403:
        headers += f"X-CSRF-Token: {csrf_token(VISIT)}\r\n"
    status, _ = await answer_to(
        panel, b"POST /sign-in HTTP/1.1\r\n" + HOST + headers.encode() + sent
    )

    assert status == expected


@pytest.mark.parametrize(
    "place",
    ["//evil.example", "/\\evil.example", "//[", "/\t/evil.example", "http://[", "\\\\evil", "x"],
)
async def test_nobody_is_led_elsewhere(panel: PanelUnderTest, place: str) -> None:
    """Whatever a link to the sign-in says, and however it says it."""
    visitor = await panel.signed_in(panel.people.operator)
    answer = await visitor.get("/sign-in", params={"next": place})

    assert (answer.status, answer.headers["Location"]) == (303, "/")


async def test_a_forged_first_header_of_a_proxy_is_not_believed(panel: PanelUnderTest) -> None:
    """Some proxies add a header of their own behind that of the client."""
    forged = b"X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n"
    request = b"GET /sign-in HTTP/1.1\r\nHost: panel.example\r\nConnection: close\r\n" + forged
    status, answer = await answer_to(panel, request + b"\r\n")

    assert status == 403
    assert b"Strict-Transport-Security" not in answer


async def test_forged_addresses_make_no_new_tries(panel: PanelUnderTest) -> None:
    """The wait goes by the address that the nearest proxy has seen."""
    statuses = []
    for number in range(6):
        hops = f"X-Forwarded-For: 10.0.0.{number}\r\nX-Forwarded-For: 192.0.2.7\r\n"
        headers = (
            f"Cookie: __Host-telemarketing-visit={VISIT}\r\nX-CSRF-Token: {csrf_token(VISIT)}\r\n"
            f"X-Forwarded-Proto: https\r\n{hops}"
        )
        sent = form(b"login=ivanenko&password=wrong")
        request = b"POST /sign-in HTTP/1.1\r\n" + HOST + headers.encode() + sent
        statuses.append((await answer_to(panel, request))[0])

    assert statuses == [422] * 5 + [429]
