"""Passwords: what one must be like, and whether it is the right one.

In: what people type. Out: argon2 hashes, and verdicts. The computation takes a thread and 19 MiB of
memory, so only so many run at once. It knows no database.
"""

import asyncio
import secrets
import unicodedata
from enum import Enum, auto

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from telemarketing.crm.plain_text import limit_marks

SHORTEST = 10
"""Characters; there is no other rule but that it is not the login."""
LONGEST = 1000
LONGEST_LOGIN = 100
_AT_ONCE = 2


class PasswordFault(Enum):
    """Why a password cannot be taken."""

    TOO_SHORT = auto()
    TOO_LONG = auto()
    IS_LOGIN = auto()


def find_fault(password: str, login: str) -> PasswordFault | None:
    """Tell what is wrong with a password that somebody wants; None = nothing."""
    if len(password) < SHORTEST:
        return PasswordFault.TOO_SHORT
    if len(password) > LONGEST:
        return PasswordFault.TOO_LONG
    return PasswordFault.IS_LOGIN if fold_login(password) == fold_login(login) else None


def fold_login(login: str) -> str:
    """Give a login the form in which it is kept: people do not remember how they wrote it.

    Of what is too long to be one only the beginning, which is too long as well.
    """
    folded = unicodedata.normalize("NFKC", limit_marks(login[:LONGEST])).strip().casefold()
    # No database takes the first, and nothing longer can be one.
    return folded.replace("\0", "")[: LONGEST_LOGIN + 1]


def make_password() -> str:
    """Make a password that can be read aloud: 80 bits in four groups."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


class Passwords:
    """Hashes and compares, without holding the event loop up.

    Args:
        time_cost: rounds of argon2id.
        memory_kib: memory of one computation; the defaults are those that OWASP names.
    """

    def __init__(self, *, time_cost: int = 2, memory_kib: int = 19_456) -> None:
        """See the class."""
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=1, type=Type.ID
        )
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._hash_of_nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Give what is stored of a password."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _typed(password))

    async def is_right(self, password_hash: str | None, password: str) -> bool:
        """Tell whether a password is the one of a hash; None takes as long and is never right."""
        if self._hash_of_nobody is None:
            self._hash_of_nobody = await self.hash(secrets.token_hex())
        async with self._turns:
            right = await asyncio.to_thread(
                self._verify, password_hash or self._hash_of_nobody, _typed(password)
            )
        return right and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)


def _typed(password: str) -> str:
    """One letter may be one or two characters, depending on the keyboard that wrote it.

    Beyond the longest password nothing can be right, so it need not be looked at.
    """
    return unicodedata.normalize("NFKC", password[: LONGEST + 1])
