"""People who look at the panel: many, of all roles, already signed in.

In: a migrated database. Out: the cookies of their browsers. Rows are written many at once, and
without argon2: nobody measures the sign-in here.
"""

import asyncio
import secrets
from collections.abc import Sequence

from sqlalchemy import insert

from telemarketing.clock import now_ms
from telemarketing.crm.accounts import hash_token
from telemarketing.model.operator import Role
from telemarketing.storage import tables
from telemarketing.storage.accounts import Account, add_account
from telemarketing.storage.engine import Database
from telemarketing.storage.sessions import Session, add_session

_SESSION_MS = 12 * 3_600_000
_IN_A_DEPARTMENT = 20


def add_crowd(url: str, count: int) -> list[int]:
    """Let so many people more work here: departments of twenty, each with a supervisor.

    Returns:
        Their ids; the last is the administrator.
    """
    return asyncio.run(_add_crowd(url, count))


async def _add_crowd(url: str, count: int) -> list[int]:
    database = Database(url)
    await database.open()
    async with database.writing() as tx:
        names = [{"name": f"Отдел {one}"} for one in range(-(-count // _IN_A_DEPARTMENT))]
        departments = list(
            await tx.scalars(
                insert(tables.departments).returning(
                    tables.departments.c.id, sort_by_parameter_order=True
                ),
                names,
            )
        )
        people = [
            {
                "full_name": f"Человек {one}",
                "department_id": departments[one // _IN_A_DEPARTMENT],
                "role": (Role.OPERATOR if one % _IN_A_DEPARTMENT else Role.SUPERVISOR).value,
            }
            for one in range(count)
        ]
        people[-1] |= {"department_id": None, "role": Role.ADMINISTRATOR.value}
        added = await tx.scalars(
            insert(tables.operators).returning(tables.operators.c.id, sort_by_parameter_order=True),
            people,
        )
        ids = list(added)
    await database.close()
    return ids


def sign_in(url: str, people: Sequence[int]) -> list[str]:
    """Begin a session for each of these people, who need no account yet; give their tokens."""
    return asyncio.run(_sign_in(url, people))


async def _sign_in(url: str, people: Sequence[int]) -> list[str]:
    database = Database(url)
    await database.open()
    at = now_ms()
    tokens = [secrets.token_urlsafe(32) for _ in people]
    async with database.writing() as tx:
        for person in set(people):
            await add_account(tx, Account(person, f"person{person}", "none", at, must_change=False))
        for person, token in zip(people, tokens, strict=True):
            ends = at + _SESSION_MS
            await add_session(tx, Session(hash_token(token), person, at, at, ends, "bench"))
    await database.close()
    return tokens


def cookie(panel_url: str, token: str) -> str:
    """Give the cookie's name and value, as a browser sends them."""
    port = panel_url.rpartition(":")[2]
    return f"telemarketing-{port}={token}"
