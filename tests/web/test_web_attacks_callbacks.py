"""Forged addresses and forms of planned calls and sessions: refused, and nothing is stored."""

import pytest

from tests.web.belongings import BUILDERS, Belongings
from tests.web.panel import PanelUnderTest, Visitor

HUGE = "9" * 30
LONG = "9" * 5000
"""Python refuses to make a number of so many digits."""


@pytest.fixture
async def own(panel: PanelUnderTest) -> Belongings:
    """A planned call of the operator's."""
    own = Belongings(panel, "+380442000001")
    await own.store()
    await BUILDERS["planned_call_id"](own)
    return own


@pytest.fixture
async def visitor(panel: PanelUnderTest) -> Visitor:
    """The operator."""
    return await panel.signed_in(panel.people.operator)


@pytest.mark.parametrize("due_at", ["9" * 18, HUGE, LONG, "-1", "x", "", "99999999999999"])
async def test_no_forged_undo_moves_a_call_out_of_time(
    own: Belongings, visitor: Visitor, due_at: str
) -> None:
    """A moment that no calendar has would break every page on which it is shown."""
    path = f"/callbacks/{own.planned_call_id}/undo"
    query = {"state": "open", "has_time": "1", "version": "1", "due_at": due_at}
    undone = await visitor.post(path, params=query)

    listed = await visitor.get("/callbacks")
    assert (undone.status, listed.status) == (404, 200)


@pytest.mark.parametrize("field", ["version", "operator_id"])
@pytest.mark.parametrize("number", [HUGE, LONG, "9" * 18, "-1"])
async def test_no_number_breaks_an_undo(
    own: Belongings, visitor: Visitor, field: str, number: str
) -> None:
    """Other versions have never been seen, other people do not work here."""
    due_at = str(own.panel.now_ms)
    query = {"state": "open", "has_time": "1", "version": "1", "due_at": due_at}
    path = f"/callbacks/{own.planned_call_id}/undo"
    undone = await visitor.post(path, params=query | {field: number})

    assert undone.status < 500


@pytest.mark.parametrize("version", [HUGE, LONG, "9" * 18, "-1", "٣", ""])
async def test_no_version_breaks_an_answer(own: Belongings, visitor: Visitor, version: str) -> None:
    """A version is a number that somebody has seen, or nothing is done."""
    path = f"/callbacks/{own.planned_call_id}/done"
    answer = await visitor.post(path, data={"version": version})

    assert answer.status in {409, 422}


@pytest.mark.parametrize("operator", [HUGE, LONG, "-1", "٣"])
async def test_a_list_of_nobody_is_not_there(visitor: Visitor, operator: str) -> None:
    """Whatever stands in the address."""
    assert (await visitor.get("/callbacks", params={"operator": operator})).status == 404


async def test_a_note_is_kept_without_signs_that_nobody_sees(
    own: Belongings, visitor: Visitor
) -> None:
    """PostgreSQL takes no NUL, and the direction of the page is not the note's to turn."""
    path = f"/leads/{own.lead_id}/callbacks"
    planned = await visitor.post(path, data={"typed": "in 2 h", "note": "a\0b\u202ec"})
    written = await visitor.patch(
        f"/callbacks/{own.planned_call_id}", data={"value": "\0x\u200b ", "was": ""}
    )

    assert planned.status == 200
    assert "abc" in planned.text
    assert (written.status, written.json["value"]) == (200, "x")


@pytest.mark.parametrize("note", ["x" * 900_000, "а" + "\u0301" * 60_000 + "\u0316" * 60_000])
async def test_a_note_without_end_is_refused_at_once(
    own: Belongings, visitor: Visitor, note: str
) -> None:
    """It is not even looked at."""
    path = f"/leads/{own.lead_id}/callbacks"
    planned = await visitor.post(path, data={"typed": "in 2 h", "note": note})

    assert planned.status == 422


async def test_a_session_that_is_none_is_not_there(visitor: Visitor) -> None:
    """Not even one whose name no database takes."""
    for session in ("a\0b", "", "x" * 100_000):
        answer = await visitor.post("/me/sessions/end", data={"session": session})
        assert answer.status == 404
