"""Operators, whose extension is whose from when on, and the telephones that call tracking knows."""

import asyncio

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.operators import (
    StaffTelephones,
    add_operator,
    disable_operator,
    list_operators,
    staff_telephones,
)
from telemarketing.errors import NotFound, Refused
from telemarketing.model.operator import ExtensionOwnership, Operator, Role
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from tests.make import DAY_MS, MONDAY, ended, make_call


async def test_an_operator_is_stored_whole(database: Database) -> None:
    """All that an administrator says of a person comes back, names tidied, doubles dropped."""
    added = await add_operator(
        database,
        full_name="  Мельник  Марія ",
        extensions=["201", "202", "201"],
        valid_from=MONDAY,
        department="Продажи",
        role=Role.SUPERVISOR,
        mobiles=["+380501112233"],
        pbx="north",
    )
    assert added == Operator(
        id=added.id,
        full_name="Мельник Марія",
        department="Продажи",
        role=Role.SUPERVISOR,
        disabled_at=None,
        extensions=(
            ExtensionOwnership("201", "north", MONDAY, None),
            ExtensionOwnership("202", "north", MONDAY, None),
        ),
        mobiles=("+380501112233",),
    )
    assert await list_operators(database) == [added]


@pytest.mark.parametrize(
    ("full_name", "extensions", "mobiles", "refusal"),
    [
        ("  ", ["101"], [], "name: it is empty"),
        ("Новий", ["1"], [], "extension: '1'.*2 to 6 digits"),
        ("Новий", ["٣٤"], [], "extension: .*2 to 6 digits"),
        ("Новий", ["*55"], [], "extension: '\\*55'.*2 to 6 digits"),
        ("Новий", ["1234567"], [], "extension: '1234567'.*longer ones are outside numbers"),
        ("Новий", ["10a"], [], "extension: '10a'"),
        ("Новий", ["103"], ["0501112233"], "mobile: '0501112233'.*like \\+380501112233"),
    ],
)
async def test_what_cannot_be_is_refused(
    database: Database, full_name: str, extensions: list[str], mobiles: list[str], refusal: str
) -> None:
    """A refusal names the field and the cure, and stores nothing."""
    with pytest.raises(Refused, match=refusal):
        await add_operator(
            database, full_name=full_name, extensions=extensions, valid_from=0, mobiles=mobiles
        )
    assert await list_operators(database) == []


async def test_an_extension_is_one_persons_at_a_time(database: Database, seller: Operator) -> None:
    """Refused by the owner's name, with the option that cures it, and the new person not kept."""
    refusal = r"extension: 101 is Иваненко Иван Иванович's since 2025-11.*`--take-over`"
    with pytest.raises(Refused, match=refusal):
        await add_operator(
            database, full_name="Новий", extensions=["103", "101"], valid_from=MONDAY
        )
    assert await list_operators(database) == [seller]


async def test_taking_over_ends_the_former_ownership(database: Database, seller: Operator) -> None:
    """Asked for, the extension changes hands at the instant from which the new owner has it."""
    await add_operator(
        database, full_name="Новий", extensions=["101"], valid_from=MONDAY, take_over=True
    )
    former, new = (person.extensions[0] for person in await list_operators(database))
    assert (former.valid_from, former.valid_until) == (MONDAY - 7 * DAY_MS, MONDAY)
    assert (new.valid_from, new.valid_until) == (MONDAY, None)


async def test_an_extension_is_taken_over_on_the_day_it_was_given(
    database: Database, seller: Operator, call_log: CallLog
) -> None:
    """Whose from that instant on it no longer is has never owned it; calls stored by then stay."""
    from_then_on = seller.extensions[0].valid_from
    await call_log.record([ended(make_call())])
    new = await add_operator(
        database, full_name="Новий", extensions=["101"], valid_from=from_then_on, take_over=True
    )
    assert new.extensions == (ExtensionOwnership("101", None, from_then_on, None),)
    assert [person.extensions for person in await list_operators(database)] == [
        (),
        new.extensions,
    ]
    async with database.reading() as tx:
        (stored,) = await list_calls(tx, CallFilter(), limit=10)
    assert stored.operator_names == (seller.full_name,)


async def test_an_extension_given_up_today_is_given_away_today(
    database: Database, seller: Operator
) -> None:
    """Asked for from this morning on, it is the new owner's from when the former one left."""
    noon = MONDAY + DAY_MS // 2
    gone = await disable_operator(database, seller.id, noon)
    new = await add_operator(
        database, full_name="Новий", extensions=["101", "103"], valid_from=MONDAY
    )
    assert [(one.extension, one.valid_from) for one in new.extensions] == [
        ("103", MONDAY),
        ("101", noon),
    ]
    assert await list_operators(database) == [gone, new]


async def test_an_extension_cannot_be_taken_from_its_future(
    database: Database, seller: Operator
) -> None:
    """Before the present owner has it, nobody can be given an extension without an end."""
    with pytest.raises(Refused, match="choose a later date"):
        await add_operator(
            database, full_name="Новий", extensions=["101"], valid_from=0, take_over=True
        )


async def test_one_pbx_is_not_taken_from_who_has_all(database: Database, seller: Operator) -> None:
    """An extension that is somebody's on every PBX cannot be taken over on one of them."""
    with pytest.raises(Refused, match="on every PBX; name the same PBX"):
        await add_operator(
            database,
            full_name="Новий",
            extensions=["101"],
            valid_from=MONDAY,
            pbx="north",
            take_over=True,
        )


async def test_the_same_extension_on_two_pbxs_is_two_peoples(database: Database) -> None:
    """Each PBX numbers its own telephones."""
    for pbx in ("north", "south"):
        await add_operator(database, full_name=pbx, extensions=["101"], valid_from=MONDAY, pbx=pbx)
    rows = await staff_telephones(database, MONDAY)
    assert rows.extensions == {("north", "101"), ("south", "101")}


async def test_two_administrators_cannot_give_one_extension_twice(
    database: Database, database_url: str
) -> None:
    """Asked for at the same instant by two programs, an extension becomes one person's."""
    other = Database(database_url)
    await other.open()
    for extension in map(str, range(300, 310)):
        done = await asyncio.gather(
            *(
                add_operator(which, full_name="Новий", extensions=[extension], valid_from=MONDAY)
                for which in (database, other)
            ),
            return_exceptions=True,
        )
        assert sorted(type(one).__name__ for one in done) == ["Operator", "Refused"]
    await other.close()


async def test_a_disabled_operator_gives_the_extension_back(
    database: Database, seller: Operator
) -> None:
    """From the last working moment on the extension is free, and the history keeps its owner."""
    gone = await disable_operator(database, seller.id, MONDAY)
    assert (gone.disabled_at, gone.extensions[0].valid_until) == (MONDAY, MONDAY)
    assert await disable_operator(database, seller.id, MONDAY + 1) == gone
    new = await add_operator(database, full_name="Новий", extensions=["101"], valid_from=MONDAY)
    assert await list_operators(database) == [gone, new]


async def test_an_extension_of_the_future_goes_with_its_operator(database: Database) -> None:
    """Who leaves before an extension would have been theirs never has it."""
    early = await add_operator(
        database, full_name="Рання", extensions=["101"], valid_from=MONDAY + DAY_MS
    )
    assert (await disable_operator(database, early.id, MONDAY)).extensions == ()


async def test_a_mobile_is_one_persons(database: Database, colleague: Operator) -> None:
    """A mobile is refused while its owner works here, and free when that person has left."""
    mobile = colleague.mobiles[0]
    with pytest.raises(Refused, match=f"mobile: \\{mobile} is Петренко.*disable that operator"):
        await add_operator(
            database, full_name="Новий", extensions=[], valid_from=0, mobiles=[mobile]
        )
    await disable_operator(database, colleague.id, MONDAY)
    new = await add_operator(
        database, full_name="Новий", extensions=[], valid_from=0, mobiles=[mobile]
    )
    assert new.mobiles == (mobile,)


async def test_nobody_of_that_id_can_be_disabled(database: Database) -> None:
    """A wrong id is said, with the command that lists the right ones."""
    with pytest.raises(NotFound, match=r"no operator 7: .*operator list"):
        await disable_operator(database, 7, MONDAY)


async def test_the_directory_is_that_of_its_instant(
    database: Database, seller: Operator, colleague: Operator
) -> None:
    """Only telephones that are somebody's at that moment are told, mobiles by their extension."""
    await add_operator(database, full_name="Пізній", extensions=["103"], valid_from=MONDAY + DAY_MS)
    await add_operator(
        database, full_name="Без", extensions=[], valid_from=0, mobiles=["+380509998877"]
    )
    await disable_operator(database, seller.id, MONDAY)
    assert await staff_telephones(database, MONDAY) == StaffTelephones(
        extensions=frozenset({(None, "102")}), mobiles={"+380671112233": "102"}
    )
    late = await staff_telephones(database, MONDAY + DAY_MS)
    assert late.extensions == {(None, "102"), (None, "103")}
