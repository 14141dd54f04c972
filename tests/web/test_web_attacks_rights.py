"""What somebody could find out of a lead of which he or she may see only a little."""

import pytest

from telemarketing.crm.lead_edits import edit_lead
from telemarketing.crm.lead_parts import add_contact
from telemarketing.crm.operators import add_operator
from telemarketing.model.operator import Role
from tests.make import MONDAY
from tests.people import Person
from tests.web.belongings import Belongings
from tests.web.panel import PanelUnderTest

SECRETS = {
    "note": "скидка сорок процентов",
    "email": "secret@romashka.example",
    "company": "Ромашка-Инвест",
    "address": "Крещатик, 7",
    "interest": "котёл на дровах",
}


@pytest.fixture
async def lead_id(panel: PanelUnderTest) -> int:
    """The operator's lead, now a colleague's in another department: he sees little of it."""
    own = Belongings(panel, "+380442000001")
    await own.store()
    viewer = panel.people.administrator.viewer
    values = SECRETS | {"title": "Тюльпан", "responsible": str(panel.people.stranger.id)}
    for field, value in values.items():
        was = {"title": "+380442000001", "responsible": str(panel.people.operator.id)}
        await edit_lead(
            panel.database, viewer, own.lead_id, field, value, was.get(field, ""), MONDAY
        )
    contact = {"full_name": "Ольга Тайная", "phone": "+380509998877"}
    await add_contact(panel.database, viewer, own.lead_id, contact, MONDAY, lambda raw: raw)
    return own.lead_id


@pytest.mark.parametrize("path", ["/leads", "/leads/list", "/search"])
async def test_a_lead_is_found_by_what_may_be_read_of_it_alone(
    panel: PanelUnderTest, lead_id: int, path: str
) -> None:
    """Else its notes could be guessed word by word; the whole is found by whoever sees it."""
    limited = await panel.signed_in(panel.people.operator)
    full = await panel.signed_in(panel.people.stranger)
    link = f'href="/leads/{lead_id}"'
    for typed in (*SECRETS.values(), "Тайная", "+380509998877", "тюльпан скидка"):
        assert link not in (await limited.get(path, params={"q": typed})).text, typed
        assert link in (await full.get(path, params={"q": typed})).text, typed
    for typed in ("тюльпан", "2000001", "ю"):
        assert link in (await limited.get(path, params={"q": typed})).text, typed


async def test_no_page_tells_more_of_a_lead_than_may_be_seen(
    panel: PanelUnderTest, lead_id: int
) -> None:
    """Neither the card nor a part of it, nor a refusal of what is written there."""
    limited = await panel.signed_in(panel.people.operator)
    paths = ["", "/limited", "/card", "/history", "/live", "/edits", "/callbacks"]
    answers = [await limited.get(f"/leads/{lead_id}{path}") for path in paths]
    for field in (*SECRETS, "person_name", "amount", "status"):
        sent = {"field": field, "value": "x", "was": "y"}
        answers.append(await limited.patch(f"/leads/{lead_id}", data=sent))
        assert answers[-1].status == 404
    answers.append(await limited.post(f"/leads/{lead_id}/phones", data={"number": "0501112233"}))

    told = "".join(answer.text for answer in answers)
    assert "Тюльпан" in told
    assert not [secret for secret in (*SECRETS.values(), "Тайная", "9998877") if secret in told]


async def test_a_supervisor_of_no_department_sees_what_an_operator_sees(
    panel: PanelUnderTest, lead_id: int
) -> None:
    """Whoever stands for nobody finds nobody's work, figures or leads by naming a person."""
    nobodys = await _add(panel, "Безотдельный", Role.SUPERVISOR, None)
    others = await _add(panel, "Начальник", Role.SUPERVISOR, "Склад")
    stranger = panel.people.stranger
    for person in (nobodys, others):
        visitor = await panel.signed_in(person)
        for path in (f"/leads/{lead_id}", f"/leads/{lead_id}/limited", f"/leads/{lead_id}/edits"):
            assert (await visitor.get(path)).status == 404
        for path in (f"/leads?whose={stranger.id}", f"/calls?operator={stranger.id}", "/calls.csv"):
            answer = await visitor.get(path)
            assert "Тюльпан" not in answer.text
            assert stranger.full_name not in answer.text
        assert (await visitor.get(f"/callbacks?operator={stranger.id}")).status == 404
        figures = await visitor.get(f"/operators?operator={stranger.id}")
        assert stranger.full_name not in figures.text


async def test_nobody_plans_work_for_people_of_others(panel: PanelUnderTest, lead_id: int) -> None:
    """The id of a person in a form is checked like one in an address."""
    limited = await panel.signed_in(panel.people.operator)
    for person in (panel.people.stranger, panel.people.colleague):
        sent: dict[str, str | int] = {"typed": "in 2 h", "operator": person.id}
        answer = await limited.post(f"/leads/{lead_id}/callbacks", data=sent)
        assert answer.status == 422
        planned = await limited.post(f"/leads/{lead_id}/callbacks", data={"typed": "in 2 h"})
        assert planned.status == 200


async def _add(panel: PanelUnderTest, name: str, role: Role, department: str | None) -> Person:
    login = f"login {name}"
    added = await add_operator(
        panel.database,
        full_name=name,
        extensions=[],
        valid_from=MONDAY,
        department=department,
        role=role,
    )
    await panel.accounts.set_password(added.id, login, "correct horse", MONDAY, must_change=False)
    token = await panel.accounts.begin_session(added.id, "", MONDAY)
    signed_in = await panel.accounts.find_signed_in(token, MONDAY)
    assert signed_in is not None
    return Person(signed_in.viewer, login, None)
