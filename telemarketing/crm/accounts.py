"""Who may sign in, and as whom: the rules of accounts and their sessions.

In: logins and passwords as typed. Out: tokens for browsers, of which the database has only hashes.
How often somebody may try, the panel decides.
"""

import hashlib
import secrets
from dataclasses import dataclass

from telemarketing.crm.passwords import (
    LONGEST_LOGIN,
    PasswordFault,
    Passwords,
    find_fault,
    fold_login,
    make_password,
)
from telemarketing.errors import NotFound, Refused
from telemarketing.model.operator import Operator, Role
from telemarketing.storage import accounts, operators, preferences, sessions
from telemarketing.storage.accounts import Account
from telemarketing.storage.engine import Database, Transaction, Turn, take_turns
from telemarketing.storage.sessions import Session, SignedIn

_SEEN_EVERY_MS = 60_000
_BROWSER_LENGTH = 300

_SENTENCES = {
    PasswordFault.TOO_SHORT: "password: it is too short; take 10 characters or more",
    PasswordFault.TOO_LONG: "password: it is too long; take 1000 characters or fewer",
    PasswordFault.IS_LOGIN: "password: it is the login; take another",
}


class WrongPassword(Refused):
    """The present password, asked for before a change, is another one."""


@dataclass(frozen=True, slots=True)
class ResetDone:
    """Somebody can sign in as administrator again."""

    person: Operator
    login: str
    password: str
    """In the clear; nobody can show it a second time."""
    is_new: bool
    """The person was added by this."""


def hash_token(token: str) -> str:
    """Give what the database knows of a browser's token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Accounts:
    """How people sign in.

    Args:
        database: where accounts and sessions are kept.
        passwords: hashes and compares.
        session_s: a session that was not used for so long ends.
    """

    def __init__(self, database: Database, passwords: Passwords, session_s: int) -> None:
        """See the class."""
        self._database = database
        self._passwords = passwords
        self._session_ms = session_s * 1000

    async def set_password(
        self, operator_id: int, login: str, password: str, at: int, *, must_change: bool = True
    ) -> None:
        """Let a person sign in with a password that somebody else gives; ends all sessions.

        Args:
            operator_id: who; an account that is there gets this login.
            login: as it will be typed; case does not count.
            password: in the clear.
            at: epoch milliseconds of now.
            must_change: whether the person has to choose another one at the next sign-in.

        Raises:
            NotFound: there is no such operator.
            Refused: login or password cannot be taken.
        """
        folded = fold_login(login)
        _check_login(folded)
        _check_password(password, folded)
        password_hash = await self._passwords.hash(password)
        async with self._database.writing() as tx:
            await operators.get_operator(tx, operator_id)
            if await accounts.find_login_owner(tx, folded) not in {None, operator_id}:
                raise Refused(f"login: {folded} is somebody else's; take another")
            account = Account(operator_id, folded, password_hash, at, must_change)
            await accounts.add_account(tx, account)
            await sessions.remove_sessions(tx, operator_id)

    async def check_login(self, login: str) -> None:
        """Raise Refused when a login cannot be that of a new person."""
        folded = fold_login(login)
        _check_login(folded)
        async with self._database.reading() as tx:
            if await accounts.find_login_owner(tx, folded) is not None:
                raise Refused(f"login: {folded} is somebody else's; take another")

    async def find_login(self, operator_id: int) -> str | None:
        """Give the login of a person; None = the person cannot sign in."""
        async with self._database.reading() as tx:
            account = await accounts.find_account(tx, operator_id)
        return None if account is None else account.login

    async def reset_administrator(self, login: str, full_name: str, at: int) -> ResetDone:
        """Let somebody in as administrator, whatever has been locked or forgotten.

        Whoever has the login becomes an administrator who works here; without one, a new person
        does. All sessions of that person end.

        Args:
            login: of the administrator.
            full_name: of a new person.
            at: epoch milliseconds of now.

        Raises:
            Refused: the login cannot be taken.
        """
        folded = fold_login(login)
        _check_login(folded)
        password = make_password()
        password_hash = await self._passwords.hash(password)
        async with self._database.writing() as tx:
            await take_turns(tx, Turn.OPERATORS)
            operator_id = await accounts.find_login_owner(tx, folded)
            is_new = operator_id is None
            if operator_id is None:
                operator_id = await operators.add_operator(tx, full_name, None, Role.ADMINISTRATOR)
            await operators.update_to_administrator(tx, operator_id)
            account = Account(operator_id, folded, password_hash, at, must_change=True)
            await accounts.add_account(tx, account)
            await sessions.remove_sessions(tx, operator_id)
            person = await operators.get_operator(tx, operator_id)
        return ResetDone(person, folded, password, is_new=is_new)

    async def sign_in(self, login: str, password: str, browser: str, at: int) -> str | None:
        """Begin a session; None = login and password do not fit, whichever is wrong.

        Returns:
            The token for the browser's cookie, which nobody else may ever see.
        """
        async with self._database.reading() as tx:
            account = await accounts.find_account_of_login(tx, fold_login(login), at)
        known_hash = None if account is None else account.password_hash
        if not await self._passwords.is_right(known_hash, password) or account is None:
            return None
        newer_hash = None
        if self._passwords.is_outdated(account.password_hash):
            newer_hash = await self._passwords.hash(password)
        async with self._database.writing() as tx:
            if newer_hash is not None:
                await accounts.update_password_hash(
                    tx, account.operator_id, account.password_hash, newer_hash
                )
            await sessions.remove_expired_sessions(tx, at)
            return await self._begin(tx, account.operator_id, browser, at)

    async def begin_session(self, operator_id: int, browser: str, at: int) -> str:
        """Begin a session of a person who has an account, without asking; give its token."""
        async with self._database.writing() as tx:
            return await self._begin(tx, operator_id, browser, at)

    async def _begin(self, tx: Transaction, operator_id: int, browser: str, at: int) -> str:
        token = secrets.token_urlsafe(32)
        ends = at + self._session_ms
        session = Session(hash_token(token), operator_id, at, at, ends, browser[:_BROWSER_LENGTH])
        await sessions.add_session(tx, session)
        return token

    async def find_signed_in(self, token: str, at: int) -> SignedIn | None:
        """Tell whose token it is; None = of no good session. One query."""
        async with self._database.reading() as tx:
            return await sessions.find_signed_in(tx, hash_token(token), at)

    async def keep_alive(self, signed_in: SignedIn, at: int) -> bool:
        """Let a session that is used live on; written, and True, at most once a minute."""
        if at - signed_in.seen_at < _SEEN_EVERY_MS:
            return False
        async with self._database.writing() as tx:
            await sessions.update_session_seen(tx, signed_in.token_hash, at, at + self._session_ms)
        return True

    async def change_password(
        self, operator_id: int, present: str, wanted: str, at: int, token_hash: str | None
    ) -> None:
        """Let a person choose a password; all other sessions end.

        Args:
            operator_id: who.
            present: the password until now.
            wanted: the one from now on.
            at: epoch milliseconds of now.
            token_hash: of the session that stays; None = none does.

        Raises:
            NotFound: the person has no account.
            WrongPassword: `present` is not the present one.
            Refused: `wanted` cannot be taken, or is the present one.
        """
        async with self._database.reading() as tx:
            account = await accounts.find_account(tx, operator_id)
        if account is None:
            raise NotFound(f"operator {operator_id} has no account")
        if not await self._passwords.is_right(account.password_hash, present):
            raise WrongPassword("password: the present one is another; type it again")
        _check_password(wanted, account.login)
        if wanted == present:
            raise Refused("password: it is the present one; take another")
        password_hash = await self._passwords.hash(wanted)
        changed = Account(operator_id, account.login, password_hash, at, must_change=False)
        async with self._database.writing() as tx:
            await accounts.add_account(tx, changed)
            await sessions.remove_sessions(tx, operator_id, token_hash)

    async def sign_out(self, operator_id: int, token_hash: str) -> bool:
        """End one session of a person; tell whether there was one."""
        async with self._database.writing() as tx:
            return await sessions.remove_session(tx, operator_id, token_hash)

    async def sign_out_everywhere(self, operator_id: int, keep: str | None = None) -> None:
        """End all sessions of a person, perhaps but the one with this hash."""
        async with self._database.writing() as tx:
            await sessions.remove_sessions(tx, operator_id, keep)

    async def choose_language(self, operator_id: int, language: str | None) -> None:
        """Store the language of a person's screens; None = as the browser wants it."""
        async with self._database.writing() as tx:
            await preferences.update_language(tx, operator_id, language)

    async def choose_theme(self, operator_id: int, theme: str | None) -> None:
        """Store `light` or `dark`; None = as the system has it."""
        async with self._database.writing() as tx:
            await preferences.update_theme(tx, operator_id, theme)


def _check_login(folded: str) -> None:
    if not folded or len(folded) > LONGEST_LOGIN or not folded.isprintable():
        raise Refused("login: give one line of 1 to 100 characters, like ivanenko")


def _check_password(password: str, login: str) -> None:
    fault = find_fault(password, login)
    if fault is not None:
        raise Refused(_SENTENCES[fault])
