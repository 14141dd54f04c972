"""Sign-in sessions: one browser of one person each, known by the hash of its cookie.

In: hashes, instants. Out: who asks, with what the person chose; the list of one's browsers. A
session lasts while its person works here: that is part of the question, never of a cache.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from telemarketing.model.operator import Role
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import accounts, operators, preferences, sessions


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of a person who has signed in."""

    token_hash: str
    """SHA-256 of the cookie, hexadecimal."""
    operator_id: int
    created_at: int
    """Epoch milliseconds, like the next two."""
    seen_at: int
    """When it last asked for something, to the minute."""
    expires_at: int
    browser: str
    """As the browser calls itself."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks: what every request needs to know of its session."""

    viewer: Viewer
    token_hash: str
    seen_at: int
    must_change: bool
    """The password was given by somebody else: nothing is shown before it is changed."""
    language: str | None
    """None = as the browser wants it."""
    theme: str | None
    """None = as the system has it."""


async def find_signed_in(tx: Transaction, token_hash: str, at: int) -> SignedIn | None:
    """Tell who asks; None = no such session, or it is over, or the person is disabled.

    One query.
    """
    found = await tx.execute(
        select(
            operators.c.id,
            operators.c.full_name,
            operators.c.role,
            operators.c.department_id,
            sessions.c.seen_at,
            accounts.c.must_change,
            preferences.c.language,
            preferences.c.theme,
        )
        .select_from(sessions)
        .join(accounts, accounts.c.operator_id == sessions.c.operator_id)
        .join(operators, operators.c.id == sessions.c.operator_id)
        .outerjoin(preferences, preferences.c.operator_id == sessions.c.operator_id)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.expires_at > at,
            _works_here(at),
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    viewer = Viewer(row.id, row.full_name, Role(row.role), row.department_id)
    return SignedIn(viewer, token_hash, row.seen_at, row.must_change, row.language, row.theme)


async def list_signed_in(tx: Transaction, at: int) -> dict[str, Viewer]:
    """Tell of all sessions that are good whose they are, by hash. One query."""
    found = await tx.execute(
        select(
            sessions.c.token_hash,
            operators.c.id,
            operators.c.full_name,
            operators.c.role,
            operators.c.department_id,
        )
        .join_from(sessions, operators, operators.c.id == sessions.c.operator_id)
        .where(sessions.c.expires_at > at, _works_here(at))
    )
    return {
        row.token_hash: Viewer(row.id, row.full_name, Role(row.role), row.department_id)
        for row in found
    }


def _works_here(at: int) -> ColumnElement[bool]:
    return or_(operators.c.disabled_at.is_(None), operators.c.disabled_at > at)


async def list_sessions(tx: Transaction, operator_id: int, at: int) -> list[Session]:
    """Give the sessions of a person that are not over, the latest seen first. One query."""
    found = await tx.execute(
        select(sessions)
        .where(sessions.c.operator_id == operator_id, sessions.c.expires_at > at)
        .order_by(sessions.c.seen_at.desc(), sessions.c.token_hash)
    )
    return [Session(*row) for row in found]


async def add_session(tx: Transaction, session: Session) -> None:
    """Remember a browser that has signed in. One statement."""
    await tx.execute(
        insert(sessions).values(
            token_hash=session.token_hash,
            operator_id=session.operator_id,
            created_at=session.created_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
            browser=session.browser,
        )
    )


async def update_session_seen(
    tx: Transaction, token_hash: str, seen_at: int, expires_at: int
) -> None:
    """Let a session live longer, because it was used. One statement."""
    await tx.execute(
        update(sessions)
        .where(sessions.c.token_hash == token_hash)
        .values(seen_at=seen_at, expires_at=expires_at)
    )


async def remove_session(tx: Transaction, operator_id: int, token_hash: str) -> bool:
    """End a session of a person; tell whether there was one. One statement."""
    removed = await tx.execute(
        delete(sessions).where(
            sessions.c.token_hash == token_hash, sessions.c.operator_id == operator_id
        )
    )
    return bool(removed.rowcount)


async def remove_sessions(
    tx: Transaction, operator_id: int, keep_token_hash: str | None = None
) -> None:
    """End all sessions of a person, perhaps but one. One statement."""
    ended = delete(sessions).where(sessions.c.operator_id == operator_id)
    if keep_token_hash is not None:
        ended = ended.where(sessions.c.token_hash != keep_token_hash)
    await tx.execute(ended)


async def remove_expired_sessions(tx: Transaction, at: int) -> None:
    """Forget sessions that are over. One statement."""
    await tx.execute(delete(sessions).where(sessions.c.expires_at <= at))
