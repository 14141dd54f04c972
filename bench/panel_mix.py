"""What twenty people at work ask the panel for, and how long each answer takes.

In: a running panel, and who is signed in. Out: the times of every kind of page, whole answers at
the client. It knows no database: what there is to open, people find on the pages they see.
"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

import aiohttp

from bench.filled_rows import PEOPLE_COUNT
from bench.panel_people import cookie
from telemarketing.model.operator import Role

Times = dict[str, list[float]]
"""Kind of page -> milliseconds of each answer."""

FLOOR = "reminders, when there are none"
"""The least that an answer to somebody costs: HTTP, the session, one query, a template."""

_LEAD = re.compile(r'href="/leads/(\d+)"')
_CARD = re.compile(r'hx-get="(/leads/\d+/(?:history|limited))"')
_OLDER = re.compile(r'href="(/(?:leads|calls)\?[^"]*before=[^"]*)"')
_NAMES = ("Коваленко", "сидоренко", "Марченко Олег", "Семенов", "тарас", "Дем'янчук Яна")
_COMPANIES = ("Ромашка 12", "агротрейд", "Обрій 77 мебель", "транслогистик 5", "vfhrtn")
_FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass(slots=True)
class Person:
    """Somebody at a browser."""

    role: Role
    session: aiohttp.ClientSession
    random: Random
    leads: list[str] = field(default_factory=list)
    """Ids that stood in the last list."""
    card: str | None = None
    """What the last card asks for again when a call of it ends."""
    older: dict[str, str] = field(default_factory=dict)
    """Addresses of the next page, by the kind of list."""
    times: Times = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that people do."""

    kind: str
    weight: int
    address: Callable[[Person], str | None]
    """None = not now."""
    is_page: bool = True
    """A whole page, which asks for the fragments of its frame too."""
    who: frozenset[Role] = frozenset(Role)


def _at(address: str) -> Callable[[Person], str | None]:
    return lambda _person: address


def _digits(person: Person, count: int) -> str:
    return "".join(person.random.choice("0123456789") for _ in range(count))


def _number(person: Person) -> str:
    return f"0{person.random.choice(('50', '63', '67', '75', '80'))}{_digits(person, 7)}"


def _lead(person: Person) -> str | None:
    return f"/leads/{person.random.choice(person.leads)}" if person.leads else None


def _somebodys_calls(person: Person) -> str:
    return f"/calls?operator={person.random.randint(1, PEOPLE_COUNT)}"


def _search(words: Sequence[str], path: str = "/leads") -> Callable[[Person], str | None]:
    return lambda person: f"{path}?q={quote(person.random.choice(words))}"


_CHIEFS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})

_TYPED = ("коваленк", "ромаш", "0671", "4567")
STEPS = (
    Step("Now", 10, _at("/")),
    Step("Now, after a change", 15, _at("/now"), is_page=False),
    Step("Leads", 10, _at("/leads")),
    Step("Leads, after a change", 6, _at("/leads/list"), is_page=False),
    Step("Leads, mine", 6, _at("/leads?whose=mine")),
    Step("Leads, nobody's", 4, _at("/leads?whose=nobody")),
    Step("Leads, of a status", 4, lambda one: f"/leads?status={one.random.randint(1, 6)}"),
    Step("Leads, next page", 5, lambda one: one.older.get("/leads")),
    Step("search: a number", 6, lambda one: f"/leads?q={_number(one)}"),
    Step("search: 7 digits", 5, lambda one: f"/leads?q={_digits(one, 7)}"),
    Step("search: 4 digits", 5, lambda one: f"/leads?q={_digits(one, 4)}"),
    Step("search: a name", 6, _search(_NAMES)),
    Step("search: a company", 5, _search(_COMPANIES)),
    Step("search: two letters", 3, _search(("ко", "ів", "ма"))),
    Step("search, while typing", 6, _search(_TYPED, "/search"), is_page=False),
    Step("Lead card", 15, _lead),
    Step("Lead card, after a change", 10, lambda one: one.card, is_page=False),
    Step("Calls", 6, _at("/calls")),
    Step("Calls, short", 4, _at("/calls?result=short")),
    Step("Calls, unanswered", 4, _at("/calls?result=unanswered&direction=inbound")),
    Step("Calls, next page", 4, lambda one: one.older.get("/calls")),
    Step("Calls, of a week", 4, _at("/calls?period=week")),
    Step("Calls, 4 digits", 4, lambda one: f"/calls?number={_digits(one, 4)}"),
    Step("Calls, of a person", 5, _somebodys_calls, who=_CHIEFS),
    Step("Callbacks", 8, _at("/callbacks")),
    Step("Operators, today", 5, _at("/operators")),
    Step("Operators, 7 days", 3, _at("/operators?period=week")),
    Step("Operators, 30 days", 4, _at("/operators?period=month"), who=_CHIEFS),
    Step("System", 12, _at("/system"), who=frozenset({Role.ADMINISTRATOR})),
)  # fmt: skip
_FRAME = {"counters on top": "/bar", FLOOR: "/notices"}


async def work(
    panel_url: str, people: Sequence[tuple[Role, str]], lasts_s: float, think_s: float
) -> Times:
    """Let people work.

    Args:
        panel_url: without a slash at the end.
        people: role and session of each.
        lasts_s: for how long.
        think_s: how long a person looks at a page, on average; 0 = the next request at once.

    Returns:
        The times of all answers; what a browser asks for together is asked for together.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_one(panel_url, role, token, seed, lasts_s, think_s))
            for seed, (role, token) in enumerate(people)
        ]
    together: Times = defaultdict(list)
    for task in tasks:
        for kind, times in task.result().items():
            together[kind] += times
    return {kind: sorted(times) for kind, times in together.items()}


async def _one(
    panel_url: str, role: Role, token: str, seed: int, lasts_s: float, think_s: float
) -> Times:
    headers = {"Cookie": cookie(panel_url, token), "Accept-Language": "ru"}
    # As a browser does, six connections at most; they are kept.
    connector = aiohttp.TCPConnector(limit=6)
    steps = [step for step in STEPS if role in step.who]
    weights = [step.weight for step in steps]
    until_s = time.perf_counter() + lasts_s
    async with aiohttp.ClientSession(panel_url, headers=headers, connector=connector) as session:
        person = Person(role, session, Random(seed))  # noqa: S311 - no secret
        await asyncio.sleep(person.random.uniform(0, think_s))
        while time.perf_counter() < until_s:
            (step,) = person.random.choices(steps, weights)
            address = step.address(person)
            if address is not None:
                await _take(person, step, address)
                await asyncio.sleep(person.random.expovariate(1 / think_s) if think_s else 0)
    return person.times


async def _take(person: Person, step: Step, address: str) -> None:
    headers = {} if step.is_page else _FRAGMENT
    html = await _get(person, step.kind, address, headers)
    path = address.partition("?")[0]
    if path in {"/leads", "/leads/list", "/calls"}:
        person.leads = _LEAD.findall(html) or person.leads
        if older := _OLDER.search(html):
            person.older[path] = older[1].replace("&amp;", "&")
    if card := _CARD.search(html):
        person.card = card[1]
    if step.is_page:
        await asyncio.gather(
            *(_get(person, kind, frame, _FRAGMENT) for kind, frame in _FRAME.items())
        )


async def _get(person: Person, kind: str, address: str, headers: dict[str, str]) -> str:
    began_s = time.perf_counter()
    async with person.session.get(address, headers=headers, allow_redirects=False) as answer:
        html = await answer.text()
    person.times[kind].append((time.perf_counter() - began_s) * 1000)
    assert answer.status == 200, f"{kind}: {address} was answered with {answer.status}"
    return html
