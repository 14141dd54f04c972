"""The panel's server: where it listens, and what is said when something is wrong."""

import asyncio
import io
import socket

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from telemarketing.errors import ConfigError, StorageUnavailable
from telemarketing.web.auth import guarded
from telemarketing.web.routes import Route, Who
from telemarketing.web.server import Panel, make_app
from tests.people import Person
from tests.web.panel import PanelUnderTest, Visitor

PAGE = {"Accept": "text/html"}


async def test_a_port_in_use_is_a_fault_of_the_settings(panel: PanelUnderTest) -> None:
    """One sentence with the keys, the address and the cure."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        second = Panel(await make_app(panel.program()), "127.0.0.1", port)
        with pytest.raises(
            ConfigError, match=rf"panel\.port: 127\.0\.0\.1:{port} cannot be"
        ) as said:
            await second.start()

    assert "choose a free port" in str(said.value)


async def test_a_stop_waits_for_answers_that_are_on_their_way(panel: PanelUnderTest) -> None:
    """But not for browsers that keep their connection for later."""
    visitor = await panel.signed_in(panel.people.operator)
    await visitor.get("/me")
    async with asyncio.timeout(4):
        await panel.stop_listening()


@pytest.mark.parametrize("path", ["/no-such-page", "/static/0/no-such-file.js"])
async def test_what_does_not_exist_is_told_in_a_sentence(panel: PanelUnderTest, path: str) -> None:
    """For a person a page with a way back, for a script the sentence alone."""
    visitor = await panel.visitor()

    page = await visitor.get(path, headers=PAGE)
    part = await visitor.get(path)

    assert page.status == part.status == 404
    assert "There is nothing here" in page.text
    assert 'href="/"' in page.text
    assert "There is nothing here" in part.text
    assert "<html" not in part.text


async def test_a_body_that_is_too_large_is_not_read(panel: PanelUnderTest) -> None:
    """A megabyte is more than any form has."""
    visitor = await panel.signed_in(panel.people.operator)

    body = io.BytesIO(b"language=" + b"x" * 1_100_000)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with visitor.session.post("/me/language", data=body, headers=headers) as answer:
        assert answer.status == 413
        assert "too much at once" in await answer.text()


async def test_a_method_that_is_not_there_is_nothing(panel: PanelUnderTest) -> None:
    """405 is answered as what it is to a person: nothing here."""
    visitor = await panel.signed_in(panel.people.operator)

    assert (await visitor.delete("/me")).status == 405


async def faulty(panel: PanelUnderTest, person: Person, fault: Exception) -> tuple[Panel, Visitor]:
    """A panel with one more address, behind which something goes wrong."""

    async def fail(_request: web.Request) -> web.Response:
        raise fault

    app = await make_app(panel.program())
    app.router.add_route("GET", "/faulty", guarded(Route("GET", "/faulty", fail, Who.SIGNED_IN)))
    server = Panel(app, "127.0.0.1", 0)
    await server.start()
    token = await panel.accounts.begin_session(person.id, "", panel.now_ms)
    return server, Visitor(server.url, token)


@pytest.mark.parametrize(
    ("fault", "status", "sentence"),
    [
        (RuntimeError("secret of ours"), 500, "tell the administrator the number"),
        (StorageUnavailable("disk full at /var/lib"), 503, "The database does not answer now"),
    ],
)
async def test_a_fault_is_logged_once_and_told_without_its_reason(
    panel: PanelUnderTest, fault: Exception, status: int, sentence: str
) -> None:
    """The person gets a number that stands in the log, and learns nothing of our inside."""
    server, visitor = await faulty(panel, panel.people.operator, fault)
    try:
        with capture_logs() as logged:
            answer = await visitor.get("/faulty", headers=PAGE)
    finally:
        await visitor.session.close()
        await server.stop()

    assert answer.status == status
    assert sentence in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert str(fault) not in answer.text
    assert answer.headers["Server"] == "telemarketing"
    assert [line["path"] for line in logged] == ["/faulty"]


async def test_whoever_may_not_come_in_is_told_so(panel: PanelUnderTest) -> None:
    """A page for administrators is refused to others, in their language."""
    visitor = await panel.signed_in(panel.people.supervisor)

    answer = await visitor.get("/system", headers=PAGE | {"Accept-Language": "uk"})

    assert answer.status == 403
    assert "Вхід закрито" in answer.text
