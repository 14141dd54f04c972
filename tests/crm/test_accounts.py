"""The rules of accounts, on both databases."""

import hashlib

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from telemarketing.crm.accounts import Accounts, WrongPassword
from telemarketing.crm.passwords import PasswordFault, Passwords, find_fault, make_password
from telemarketing.errors import NotFound, Refused
from telemarketing.model.operator import Operator
from telemarketing.storage.accounts import find_account
from telemarketing.storage.engine import Database
from telemarketing.storage.tables import sessions
from tests.make import MONDAY

PASSWORD = "correct horse"


def cheap(**parameters: int) -> Passwords:
    """Hashes that cost next to nothing."""
    return Passwords(**{"time_cost": 1, "memory_kib": 8, **parameters})


@pytest.fixture
def accounts(database: Database) -> Accounts:
    """The accounts of the database of this test; a session lasts an hour."""
    return Accounts(database, cheap(), 3600)


async def test_the_database_knows_neither_password_nor_token(
    database: Database, accounts: Accounts, seller: Operator
) -> None:
    """Whoever reads it cannot sign in with what stands there."""
    await accounts.set_password(seller.id, "ivan", PASSWORD, MONDAY)
    token = await accounts.sign_in("ivan", PASSWORD, "Firefox", MONDAY)
    assert token is not None
    async with database.reading() as tx:
        account = await find_account(tx, seller.id)
        (row,) = await tx.execute(select(sessions))

    assert account is not None
    assert account.password_hash.startswith("$argon2id$")
    assert PASSWORD not in account.password_hash
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 43


async def test_a_password_is_hashed_anew_when_the_parameters_have_changed(
    database: Database, accounts: Accounts, seller: Operator
) -> None:
    """At the next sign-in, and the password is the same."""
    await accounts.set_password(seller.id, "ivan", PASSWORD, MONDAY)
    dearer = Accounts(database, cheap(time_cost=2), 3600)
    assert await dearer.sign_in("ivan", PASSWORD, "", MONDAY) is not None
    async with database.reading() as tx:
        account = await find_account(tx, seller.id)

    assert account is not None
    assert not PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).check_needs_rehash(
        account.password_hash
    )
    assert await accounts.sign_in("ivan", PASSWORD, "", MONDAY) is not None


async def test_one_letter_typed_as_two_is_the_same_letter(
    accounts: Accounts, seller: Operator
) -> None:
    """Some keyboards write й as one character, others as и with a sign above it."""
    await accounts.set_password(seller.id, "ivan", "зелен\u044b\u0439 чай", MONDAY)

    token = await accounts.sign_in("ivan", "зелен\u044b\u0438\u0306 чай", "", MONDAY)

    assert token is not None


async def test_a_login_belongs_to_one_person(
    accounts: Accounts, seller: Operator, colleague: Operator
) -> None:
    """However it is written; one's own may be given anew."""
    await accounts.set_password(seller.id, "Ivan", PASSWORD, MONDAY)

    with pytest.raises(Refused, match="login: ivan is somebody else's"):
        await accounts.set_password(colleague.id, " IVAN ", PASSWORD, MONDAY)
    await accounts.set_password(seller.id, "ivan", "another password", MONDAY)
    assert await accounts.sign_in("ivan", PASSWORD, "", MONDAY) is None


async def test_a_password_given_by_others_ends_all_sessions(
    accounts: Accounts, seller: Operator
) -> None:
    """Whoever had got in with the old one is out."""
    await accounts.set_password(seller.id, "ivan", PASSWORD, MONDAY)
    token = await accounts.begin_session(seller.id, "", MONDAY)
    await accounts.set_password(seller.id, "ivan", PASSWORD, MONDAY)

    assert await accounts.find_signed_in(token, MONDAY) is None


async def test_sessions_that_are_over_are_forgotten(
    database: Database, accounts: Accounts, seller: Operator
) -> None:
    """The table does not grow: each sign-in takes away what is over."""
    await accounts.set_password(seller.id, "ivan", PASSWORD, MONDAY)
    for hour in range(5):
        at = MONDAY + hour * 3_600_000
        assert await accounts.sign_in("ivan", PASSWORD, "x" * 1000, at) is not None

    async with database.reading() as tx:
        assert len((await tx.execute(select(sessions))).all()) == 1


async def test_a_change_needs_the_present_password(accounts: Accounts, seller: Operator) -> None:
    """And another one than it, and somebody who has one."""
    with pytest.raises(NotFound):
        await accounts.change_password(seller.id, PASSWORD, "another one", MONDAY, None)
    await accounts.set_password(seller.id, "ivan", PASSWORD, MONDAY)
    with pytest.raises(WrongPassword):
        await accounts.change_password(seller.id, "not the one", "another one", MONDAY, None)
    with pytest.raises(Refused, match="it is the present one"):
        await accounts.change_password(seller.id, PASSWORD, PASSWORD, MONDAY, None)
    await accounts.change_password(seller.id, PASSWORD, "another one", MONDAY, None)

    assert await accounts.sign_in("ivan", "another one", "", MONDAY) is not None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("123456789", PasswordFault.TOO_SHORT),
        ("1234567890", None),
        ("пароль 123", None),
        ("x" * 1000, None),
        ("x" * 1001, PasswordFault.TOO_LONG),
        ("Longest.Login", PasswordFault.IS_LOGIN),
    ],
)
def test_what_a_password_must_be_like(password: str, fault: PasswordFault | None) -> None:
    """Ten characters, not the login, and no other rule."""
    assert find_fault(password, "longest.login") is fault


def test_made_passwords_differ_and_can_be_taken() -> None:
    """They are read aloud: no letters that look like digits."""
    made = {make_password() for _ in range(1000)}

    assert len(made) == 1000
    assert all(find_fault(one, "administrator") is None for one in made)
    assert not set("".join(made)) & set("0O1lI")


async def test_an_unknown_login_is_hashed_like_a_known_one() -> None:
    """It is compared with the hash of nobody's password, so the time tells nothing."""
    passwords = cheap()
    known = await passwords.hash(PASSWORD)

    assert await passwords.is_right(known, PASSWORD)
    assert not await passwords.is_right(known, "another one")
    assert not await passwords.is_right(None, PASSWORD)
    assert not await passwords.is_right("no hash at all", PASSWORD)
