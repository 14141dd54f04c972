"""Who works in the demo's office.

In: an empty database. Out: operators with extensions and, one of each role, a way to sign in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from telemarketing.crm.accounts import Accounts
from telemarketing.crm.operators import add_operator
from telemarketing.model.operator import Role
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Database

PASSWORD = "demo-demo-demo"  # noqa: S105 - printed, on loopback, for made-up people

_SALES = "Продажи"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the office."""

    full_name: str
    role: Role
    department: str
    extension: str | None
    login: str | None
    """None = nobody signs in as this one."""


# Whose extension is the last calls a client in vain in the first half minute, and is called back.
PEOPLE = (
    Person("Петренко Олена Василівна", Role.OPERATOR, _SALES, "101", None),
    Person("Сидоренко Максим Юрьевич", Role.OPERATOR, _SALES, "102", None),
    Person("Коваленко Дарина Ігорівна", Role.OPERATOR, _SALES, "103", None),
    Person("Иваненко Иван Иванович", Role.OPERATOR, _SALES, "104", "operator"),
    Person("Мельник Ірина Степанівна", Role.SUPERVISOR, _SALES, None, "supervisor"),
    Person("Шевченко Андрей Павлович", Role.ADMINISTRATOR, "Администрация", None, "admin"),
)

EXTENSIONS = tuple(person.extension for person in PEOPLE if person.extension)


async def add_people(database: Database, accounts: Accounts, at: int) -> Mapping[str, Viewer]:
    """Let them work here, always have.

    Args:
        database: where nobody works yet.
        accounts: of the same database.
        at: epoch milliseconds of now.

    Returns:
        Whoever has an extension, by it.
    """
    sellers = {}
    for person in PEOPLE:
        operator = await add_operator(
            database,
            full_name=person.full_name,
            extensions=[person.extension] if person.extension else [],
            valid_from=0,
            department=person.department,
            role=person.role,
        )
        if person.login:
            await accounts.set_password(operator.id, person.login, PASSWORD, at, must_change=False)
        if person.extension:
            sellers[person.extension] = Viewer(operator.id, person.full_name, person.role, None)
    return sellers
