"""Who may come where: every address of the live table of routes, asked by everybody.

Nothing here names a page, so a new route is tested as soon as it is there; one with a parameter
that `belongings.py` does not know fails.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pytest

from telemarketing.web.routes import Route, Who
from telemarketing.web.server import PAGES
from tests.make import MONDAY
from tests.people import People, Person
from tests.web.belongings import BUILDERS, Belongings
from tests.web.panel import PanelUnderTest, Visitor

PUBLIC = {
    ("GET", "/static/{version}/{name}"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
}
"""All that is answered to somebody who has not signed in; to be lengthened with care."""

pytestmark = pytest.mark.process

_PARAMETER = re.compile(r"\{(\w+)\}")
_PERSONAL = {"notice_id"}
"""What is nobody else's business, not even the administrator's."""
_SAFE = {"GET", "HEAD"}
_NOT_LET_IN = {401, 403, 404, 405}

_FORM = {
    "field": "email",
    "value": "olena@example.com",
    "was": "",
    "version": "1",
    "number": "044 333-44-55",
    "full_name": "Олена",
    "session": "others",
}
"""What the pages' own forms send, all at once, so that something would be written."""

_QUERY = {"state": "open", "due_at": str(MONDAY), "has_time": "1", "version": "1"}
"""What the addresses of undo carry."""

_numbers = (f"+38044{n:07}" for n in itertools.count(2_000_000))


@dataclass(frozen=True, slots=True)
class Address:
    """A route as aiohttp has it, with the rule of the table."""

    method: str
    path: str
    who: Who

    @property
    def parameters(self) -> list[str]:
        return _PARAMETER.findall(self.path)

    def filled(self, values: Iterable[object]) -> str:
        """The path with values in the places of its parameters."""
        given = iter(values)
        return _PARAMETER.sub(lambda _found: str(next(given)), self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes() -> Iterator[Route]:
    """Every route that a page lists."""
    return itertools.chain.from_iterable(PAGES)


def addresses(panel: PanelUnderTest) -> list[Address]:
    """Every address that the running panel answers, but the public ones."""
    rules = {(one.method, one.path): one.who for one in routes()}
    live = [
        (one.method, one.resource.canonical)
        for one in panel.app.router.routes()
        if one.resource is not None
    ]
    return [Address(*key, rules[key]) for key in live if key not in PUBLIC]


async def own_path(panel: PanelUnderTest, address: Address) -> str:
    """An address with objects of the operator's that nobody has touched yet."""
    own = Belongings(panel, next(_numbers))
    if address.parameters:
        await own.store()
    return address.filled([await BUILDERS[name](own) for name in address.parameters])


async def status(visitor: Visitor, method: str, path: str, **headers: str) -> int:
    """Ask, and read nothing: a stream has no end."""
    form, query = (None, None) if method in _SAFE else (_FORM, _QUERY)
    request = visitor.session.request(
        method, path, data=form, params=query, headers=headers, allow_redirects=False
    )
    async with request as response:
        if "text/event-stream" not in response.headers.get("Content-Type", ""):
            await response.read()
        return response.status


async def status_for(panel: PanelUnderTest, person: Person, method: str, path: str) -> int:
    """Ask as somebody, in a session of its own: one of the addresses ends it."""
    visitor = await panel.signed_in(person)
    try:
        return await status(visitor, method, path)
    finally:
        await visitor.session.close()


def expected(address: Address, person: Person, people: People) -> str:
    """The class of answer: `in`, `nothing there` or `refused`."""
    viewer = person.viewer
    if address.who is Who.ADMINISTRATORS and not viewer.is_administrator:
        return "refused"
    if address.who is Who.SUPERVISORS and not viewer.is_supervisor:
        return "refused"
    if not address.parameters or person is people.operator:
        return "in"
    sees_all = person in (people.supervisor, people.administrator)
    return "in" if sees_all and not _PERSONAL & set(address.parameters) else "nothing there"


def kind(answered: int) -> str:
    """Which class of answer a status is; our own faults are none."""
    if answered in {403, 404}:
        return {403: "refused", 404: "nothing there"}[answered]
    return "in" if answered < 500 and answered not in _NOT_LET_IN else f"fault {answered}"


async def test_only_what_pages_list_is_answered(panel: PanelUnderTest) -> None:
    """The live table is that of the pages and the static files; public is what is known to be."""
    live = {
        (one.method, one.resource.canonical)
        for one in panel.app.router.routes()
        if one.resource is not None
    }
    listed = {(one.method, one.path) for one in routes()}
    static = ("GET", "/static/{version}/{name}")

    assert live == listed | {static}
    assert {
        key for one in routes() if one.who is Who.ANYBODY for key in [(one.method, one.path)]
    } | {static} == PUBLIC
    assert len(listed) == len(list(routes()))


async def test_every_parameter_is_known(panel: PanelUnderTest) -> None:
    """The name of a parameter says which object has to be checked."""
    unknown = {name for one in addresses(panel) for name in one.parameters} - BUILDERS.keys()

    assert unknown == set()


async def test_nobody_comes_in_without_signing_in(panel: PanelUnderTest) -> None:
    """Scripts get 401, whoever opens a page is led to the form."""
    visitor = await panel.visitor()
    wrong = []
    for address in addresses(panel):
        path = address.filled(itertools.repeat(1))
        asked = await status(visitor, address.method, path)
        opened = await status(visitor, address.method, path, Accept="text/html")
        if (asked, opened) != (401, 303):
            wrong.append(f"{address}: {asked}, as a page {opened}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "who",
    [
        lambda people: people.operator,
        lambda people: people.colleague,
        lambda people: people.stranger,
        lambda people: people.supervisor,
        lambda people: people.administrator,
    ],
    ids=["operator", "colleague", "stranger", "supervisor", "administrator"],
)
async def test_everybody_comes_where_he_may_and_nowhere_else(
    panel: PanelUnderTest, who: Callable[[People], Person]
) -> None:
    """Of what belongs to the operator, those who may not see it are told that it is not there."""
    person = who(panel.people)
    wrong = []
    for address in addresses(panel):
        path = await own_path(panel, address)
        answered = await status_for(panel, person, address.method, path)
        wanted = expected(address, person, panel.people)
        if kind(answered) != wanted:
            wrong.append(f"{address}: {answered}, and not {wanted}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("nonsense", ["987654321", "9" * 30, "x", "-1", "%00"])
async def test_what_is_not_there_is_not_there_for_anybody(
    panel: PanelUnderTest, nonsense: str
) -> None:
    """An id of nothing, or what is no id at all, is 404 even for the administrator."""
    wrong = []
    for address in addresses(panel):
        if not address.parameters:
            continue
        path = address.filled(itertools.repeat(nonsense))
        answered = await status_for(panel, panel.people.administrator, address.method, path)
        if answered != 404:
            wrong.append(f"{address}: {answered}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "forged",
    [
        {"X-CSRF-Token": "wrong"},
        {"X-CSRF-Token": ""},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_nothing_is_changed_by_another_site(
    panel: PanelUnderTest, forged: dict[str, str]
) -> None:
    """Whatever writes needs the token of its session, and has to come from our own pages."""
    visitor = await panel.signed_in(panel.people.administrator)
    wrong = []
    for address in addresses(panel):
        if address.method in _SAFE:
            continue
        path = address.filled(itertools.repeat(1))
        answered = await status(visitor, address.method, path, **forged)
        if answered != 403:
            wrong.append(f"{address}: {answered}")

    assert not wrong, "\n".join(wrong)
