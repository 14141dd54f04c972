"""What each person chose for the panel.

In: one choice at a time. Out: all of a person; None where nothing was chosen, which means the
default of the settings or of the browser.
"""

from dataclasses import dataclass

from sqlalchemy import select

from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.tables import preferences


@dataclass(frozen=True, slots=True)
class Preferences:
    """Choices of one person."""

    language: str | None = None
    """`ru`, `uk` or `en`."""
    theme: str | None = None
    """`light` or `dark`."""
    remind_before_ms: int | None = None
    """How long before a planned call to be reminded, 0 to 86,400,000."""
    sound: bool | None = None
    """Whether a reminder rings."""


async def find_preferences(tx: Transaction, operator_id: int) -> Preferences:
    """Give what a person chose. One query."""
    found = await tx.execute(
        select(
            preferences.c.language,
            preferences.c.theme,
            preferences.c.remind_before_ms,
            preferences.c.sound,
        ).where(preferences.c.operator_id == operator_id)
    )
    row = found.one_or_none()
    return Preferences() if row is None else Preferences(*row)


async def update_language(tx: Transaction, operator_id: int, language: str | None) -> None:
    """Store the language of the screens; None = as the browser wants it. One statement."""
    await _update(tx, operator_id, "language", language)


async def update_theme(tx: Transaction, operator_id: int, theme: str | None) -> None:
    """Store light or dark; None = as the system has it. One statement."""
    await _update(tx, operator_id, "theme", theme)


async def update_remind_before(
    tx: Transaction, operator_id: int, remind_before_ms: int | None
) -> None:
    """Store how early to remind; None = as the settings say. One statement."""
    await _update(tx, operator_id, "remind_before_ms", remind_before_ms)


async def update_sound(tx: Transaction, operator_id: int, *, sound: bool) -> None:
    """Store whether a reminder rings. One statement."""
    await _update(tx, operator_id, "sound", sound)


async def _update(tx: Transaction, operator_id: int, column: str, value: object) -> None:
    statement = upsert(tx, preferences, ("operator_id",), (column,))
    await tx.execute(statement, {"operator_id": operator_id, column: value})
