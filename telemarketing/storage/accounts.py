"""How people sign in: login and the hash of the password, one row for a person.

In: logins folded to lower case, hashes. Out: accounts. What a password must be like, and whether it
is the right one, `crm.accounts` decides.
"""

from dataclasses import dataclass

from sqlalchemy import or_, select, update

from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.tables import accounts, operators


@dataclass(frozen=True, slots=True)
class Account:
    """The key of one person."""

    operator_id: int
    login: str
    """In lower case."""
    password_hash: str
    """Argon2, with its parameters."""
    password_changed_at: int
    """Epoch milliseconds."""
    must_change: bool
    """The password was given by somebody else."""


async def find_account_of_login(tx: Transaction, login: str, at: int) -> Account | None:
    """Give the account of a folded login; None = none, or its person is disabled. One query."""
    found = await tx.execute(
        select(accounts)
        .join_from(accounts, operators)
        .where(
            accounts.c.login == login,
            or_(operators.c.disabled_at.is_(None), operators.c.disabled_at > at),
        )
    )
    row = found.one_or_none()
    return None if row is None else Account(*row)


async def find_account(tx: Transaction, operator_id: int) -> Account | None:
    """Give the account of a person; None = the person cannot sign in. One query."""
    found = await tx.execute(select(accounts).where(accounts.c.operator_id == operator_id))
    row = found.one_or_none()
    return None if row is None else Account(*row)


async def find_login_owner(tx: Transaction, login: str) -> int | None:
    """Tell whose a login is, disabled people included. One query."""
    found: int | None = await tx.scalar(
        select(accounts.c.operator_id).where(accounts.c.login == login)
    )
    return found


async def add_account(tx: Transaction, account: Account) -> None:
    """Let a person sign in, or in another way than before. One statement."""
    written = ("login", "password_hash", "password_changed_at", "must_change")
    await tx.execute(
        upsert(tx, accounts, ("operator_id",), written),
        {
            "operator_id": account.operator_id,
            "login": account.login,
            "password_hash": account.password_hash,
            "password_changed_at": account.password_changed_at,
            "must_change": account.must_change,
        },
    )


async def update_password_hash(tx: Transaction, operator_id: int, before: str, after: str) -> None:
    """Store the same password under newer parameters, unless it was changed. One statement."""
    await tx.execute(
        update(accounts)
        .where(accounts.c.operator_id == operator_id, accounts.c.password_hash == before)
        .values(password_hash=after)
    )
