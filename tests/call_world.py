"""Small worlds of calls, made by chance from a seed, and what is true in them in plain Python.

Four people with extensions in two departments, an extension of nobody, and some days of calls: of
all directions and endings, ring groups, transfers, withheld numbers, live ones, talks around the
limit of a short one.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.operators import add_operator
from telemarketing.model.call import Call, CallOperator, Direction, Disposition
from telemarketing.model.operator import Role
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Database
from telemarketing.storage.tables import departments
from tests.make import DAY_MS, MONDAY, make_call

SHORT_TALK_MS = 420_000
SELLER, COLLEAGUE, STRANGER, SUPERVISOR = "101", "103", "102", "104"
"""The people, by extension; the stranger is in another department."""
NOBODY = "199"
_DEPARTMENTS = {SELLER: "Продажи", COLLEAGUE: "Продажи", SUPERVISOR: "Продажи", STRANGER: "Опт"}
_TALKS_MS = (1, 6_000, 300_000, 419_000, 419_999, 420_000, 421_000, 3_600_000)
_DAYS = 3


@dataclass(frozen=True)
class World:
    """What is stored, and who looks at it."""

    calls: tuple[Call, ...]
    """Newest first."""
    viewers: Mapping[str, Viewer]
    """By extension."""

    @property
    def administrator(self) -> Viewer:
        """Somebody who sees everything."""
        return Viewer(10**9, "Админ", Role.ADMINISTRATOR, None)

    def of(self, *extensions: str) -> list[Call]:
        """Calls that these people had."""
        return [call for call in self.calls if any(had(call, one) for one in extensions)]


def had(call: Call, extension: str) -> bool:
    """Whoever talked or dialled had the call; nobody answered: whoever was rung."""
    if extension not in {one.extension for one in call.operators}:
        return False
    if call.disposition is not Disposition.ANSWERED:
        return True
    return extension in {call.placed_by, call.answered_by} or talk_of(call, extension) > 0


def talk_of(call: Call, extension: str) -> int:
    """How long this person talked."""
    return sum(one.talk_ms for one in call.operators if one.extension == extension)


def is_short(call: Call) -> bool:
    """Answered, outside, over, and below seven minutes."""
    return (
        call.disposition is Disposition.ANSWERED
        and call.direction is not Direction.INTERNAL
        and call.ended_at is not None
        and call.talk_ms < SHORT_TALK_MS
    )


async def make_world(database: Database, seed: int, count: int = 60, since: int = MONDAY) -> World:
    """Store some days of calls from `since` on."""
    viewers = await make_people(database, since)
    calls = any_calls(seed, count, since)
    await CallLog(database).record(calls)
    newest = sorted(calls, key=lambda call: call.started_at, reverse=True)
    return World(tuple(newest), viewers)


def any_calls(seed: int, count: int, since: int = MONDAY) -> list[Call]:
    """Make some days of calls from `since` on, the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    return [_any_call(chance, since, number) for number in range(count)]


async def make_people(database: Database, since: int = MONDAY) -> dict[str, Viewer]:
    """Add the four people, by extension."""
    viewers = {}
    for extension, department in _DEPARTMENTS.items():
        role = Role.SUPERVISOR if extension == SUPERVISOR else Role.OPERATOR
        person = await add_operator(
            database,
            full_name=f"Человек {extension}",
            extensions=[extension],
            valid_from=since - 7 * DAY_MS,
            department=department,
            role=role,
        )
        async with database.reading() as tx:
            department_id = await tx.scalar(
                select(departments.c.id).where(departments.c.name == department)
            )
        viewers[extension] = Viewer(person.id, person.full_name, role, department_id)
    return viewers


def _any_call(chance: random.Random, since: int, number: int) -> Call:
    # A different millisecond each, so that their order is known.
    started_at = since + chance.randrange(_DAYS * DAY_MS // 1000) * 1000 + number
    people = chance.sample(
        [SELLER, COLLEAGUE, STRANGER, SUPERVISOR, NOBODY], chance.choice([1, 1, 2, 3])
    )
    direction = chance.choice(list(Direction))
    withheld = direction is Direction.INBOUND and chance.random() < 0.2
    phone = f"+3804412300{chance.randrange(20):02d}"
    outside = direction is not Direction.INTERNAL and not withheld
    call = make_call(
        direction=direction,
        number=phone if outside else None,
        raw_number=phone if outside else None,
        withheld=withheld,
        placed_by=None if direction is Direction.INBOUND else people[0],
        operators=tuple(CallOperator(one, 3000, 0) for one in people),
        started_at=started_at,
    )
    return _ended(chance, call, people)


def _ended(chance: random.Random, call: Call, people: list[str]) -> Call:
    ending = chance.choice(["live", "unanswered", "unanswered", "talk", "talk", "talk", "transfer"])
    if ending == "live":
        return call
    if ending == "unanswered":
        disposition = chance.choice(
            [Disposition.NO_ANSWER, Disposition.BUSY, Disposition.FAILED, Disposition.CANCELLED]
        )
        return replace(call, disposition=disposition, ended_at=call.started_at + 20_000)
    talk_ms = chance.choice(_TALKS_MS)
    talked = people[:2] if ending == "transfer" else [chance.choice(people)]
    shares = {one: talk_ms // len(talked) for one in talked}
    return replace(
        call,
        disposition=Disposition.ANSWERED,
        answered_by=talked[0],
        answered_at=call.started_at + 5000,
        ended_at=call.started_at + 5000 + talk_ms,
        talk_ms=talk_ms,
        transferred=len(talked) > 1,
        operators=tuple(
            replace(one, talk_ms=shares.get(one.extension, 0)) for one in call.operators
        ),
    )


def only(calls: Iterable[Call], wanted: Callable[[Call], bool]) -> list[Call]:
    """Those of them for which it is true, in their order."""
    return [call for call in calls if wanted(call)]
