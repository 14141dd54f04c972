"""Who may see what: one person of each kind, and a stranger from another department."""

from collections.abc import Iterator
from dataclasses import dataclass

from telemarketing.crm.accounts import Accounts
from telemarketing.crm.operators import add_operator
from telemarketing.model.operator import Role
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Database
from tests.make import DAY_MS, MONDAY

PASSWORD = "correct horse battery"
"""Everybody's."""

SALES = "Продажи"
SUPPORT = "Поддержка"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here and may sign in."""

    viewer: Viewer
    login: str
    extension: str | None

    @property
    def id(self) -> int:
        return self.viewer.id

    @property
    def full_name(self) -> str:
        return self.viewer.full_name


@dataclass(frozen=True, slots=True)
class People:
    """Everybody; in the database for a week before `MONDAY`."""

    operator: Person
    """Extension 101, sales."""
    colleague: Person
    """Extension 103, sales as well."""
    stranger: Person
    """Extension 102, support."""
    supervisor: Person
    """Of sales."""
    administrator: Person
    """In no department."""

    def __iter__(self) -> Iterator[Person]:
        return iter(
            (self.operator, self.colleague, self.stranger, self.supervisor, self.administrator)
        )


async def add_people(database: Database, accounts: Accounts) -> People:
    """Let all of them work here, each with an account."""

    async def add(
        full_name: str, login: str, role: Role, department: str | None, extension: str | None
    ) -> Person:
        person = await add_operator(
            database,
            full_name=full_name,
            extensions=[extension] if extension else [],
            valid_from=MONDAY - 7 * DAY_MS,
            department=department,
            role=role,
        )
        since = MONDAY - 7 * DAY_MS
        await accounts.set_password(person.id, login, PASSWORD, since, must_change=False)
        token = await accounts.begin_session(person.id, "", since)
        signed_in = await accounts.find_signed_in(token, since)
        assert signed_in is not None
        await accounts.sign_out_everywhere(person.id)
        return Person(signed_in.viewer, login, extension)

    return People(
        await add("Иваненко Иван Иванович", "ivanenko", Role.OPERATOR, SALES, "101"),
        await add("Сидоренко Сидор Сидорович", "sydorenko", Role.OPERATOR, SALES, "103"),
        await add("Петренко Пётр Петрович", "petrenko", Role.OPERATOR, SUPPORT, "102"),
        await add("Коваленко Анна Викторовна", "kovalenko", Role.SUPERVISOR, SALES, None),
        await add("Мельник Ольга Петровна", "melnyk", Role.ADMINISTRATOR, None, None),
    )
