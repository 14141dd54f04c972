"""Signing in and out, as a browser does it."""

import re

import pytest
from yarl import URL

from telemarketing.crm.operators import disable_operator
from telemarketing.storage.sessions import list_sessions
from tests.people import PASSWORD, Person
from tests.web.panel import Answer, PanelUnderTest, Visitor

_MINUTE_MS = 60_000


async def fill_in(visitor: Visitor, **fields: str) -> Answer:
    """Open the form and send it."""
    form = (await visitor.get("/sign-in")).text
    found = re.search('name="csrf_token" value="(.*?)"', form)
    assert found is not None
    return await visitor.post("/sign-in", data={"csrf_token": found[1], **fields})


async def sign_in(visitor: Visitor, person: Person, password: str = PASSWORD) -> Answer:
    """Sign in as somebody."""
    return await fill_in(visitor, login=person.login, password=password, next="/me")


async def session_count(panel: PanelUnderTest, person: Person) -> int:
    """How many sessions of somebody last."""
    async with panel.database.reading() as tx:
        return len(await list_sessions(tx, person.id, panel.now_ms))


async def test_the_right_password_opens_the_page_that_was_wanted(panel: PanelUnderTest) -> None:
    """Who is led to the form comes to the wanted page afterwards."""
    visitor = await panel.visitor()
    led = await visitor.get("/me?x=1&y=2", headers={"Accept": "text/html"})
    assert URL(led.headers["Location"]) == URL("/sign-in").with_query(next="/me?x=1&y=2")

    answer = await sign_in(visitor, panel.people.operator)

    assert (answer.status, answer.headers["Location"]) == (303, "/me")
    assert panel.people.operator.full_name in (await visitor.get("/me")).text
    again = await visitor.get("/sign-in?next=/me")
    assert (again.status, again.headers["Location"]) == (303, "/me")


@pytest.mark.parametrize("login", [" IVANENKO ", "Ivanenko", "ｉｖａｎｅｎｋｏ"])
async def test_how_a_login_is_written_does_not_matter(panel: PanelUnderTest, login: str) -> None:
    """Capitals, blanks around it, and letters of another width."""
    answer = await fill_in(await panel.visitor(), login=login, password=PASSWORD)

    assert answer.status == 303


@pytest.mark.parametrize(
    "place",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "me", "/\r\nx"],
)
async def test_nobody_is_led_to_another_site(panel: PanelUnderTest, place: str) -> None:
    """A link to the form may name a place of the panel's own only."""
    fields = {"login": "ivanenko", "password": PASSWORD, "next": place}
    answer = await fill_in(await panel.visitor(), **fields)

    assert answer.headers["Location"] == "/"


async def test_unknown_login_and_wrong_password_look_the_same(panel: PanelUnderTest) -> None:
    """Nobody learns from the panel who has an account; what was typed is kept."""
    visitor = await panel.visitor()
    wrong = await fill_in(visitor, login="ivanenko", password="not this one at all")
    unknown = await fill_in(visitor, login="nobody-x", password="not this one at all")

    assert wrong.status == unknown.status == 422
    assert 'value="ivanenko"' in wrong.text
    assert "not this one" not in wrong.text

    def plain(answer: Answer, login: str) -> str:
        return re.sub(r"\b[0-9a-f]{8,}\b|\d{13}", "", answer.text.replace(login, "LOGIN"))

    assert plain(wrong, "ivanenko") == plain(unknown, "nobody-x")


async def test_wrong_passwords_make_one_wait_here_and_not_elsewhere(
    panel: PanelUnderTest,
) -> None:
    """After five of them the sentence says for how long; from another address one still gets in."""
    visitor = await panel.visitor()
    for _ in range(5):
        assert (await sign_in(visitor, panel.people.operator, "wrong password")).status == 422

    answer = await sign_in(visitor, panel.people.operator)

    assert answer.status == 429
    wait_s = int(answer.headers["Retry-After"])
    assert 0 < wait_s <= 30
    assert f"Try again in {wait_s} s" in answer.text
    assert (await sign_in(visitor, panel.people.colleague)).status == 303
    elsewhere = await sign_in_through_a_proxy(panel, panel.people.operator, "203.0.113.5")
    assert elsewhere.status == 303


async def sign_in_through_a_proxy(panel: PanelUnderTest, person: Person, client: str) -> Answer:
    """Sign in from another address, as a proxy on this machine tells of it."""
    visitor = await panel.visitor()
    proxy = {"X-Forwarded-For": client, "X-Forwarded-Proto": "https"}
    form = await visitor.get("/sign-in", headers=proxy)
    found = re.search('name="csrf_token" value="(.*?)"', form.text)
    assert found is not None
    browser = {
        "Cookie": form.headers["Set-Cookie"].partition(";")[0],
        "Origin": panel.url.replace("http:", "https:").rstrip("/"),
    }
    fields = {"csrf_token": found[1], "login": person.login, "password": PASSWORD}
    return await visitor.post("/sign-in", data=fields, headers={**proxy, **browser})


async def test_a_form_without_its_token_is_shown_again(panel: PanelUnderTest) -> None:
    """Another site cannot sign a browser in as somebody else; a person only has to try again."""
    visitor = await panel.visitor()
    fields = {"login": "ivanenko", "password": PASSWORD}

    answer = await visitor.post("/sign-in", data=fields)

    assert answer.status == 403
    assert "once more" in answer.text
    foreign = {"Origin": "https://elsewhere.example"}
    form = await visitor.post("/sign-in", data=fields, headers=foreign)
    assert form.status == 403
    assert await session_count(panel, panel.people.operator) == 0


async def test_a_session_that_is_not_used_ends(panel: PanelUnderTest) -> None:
    """Each use lets it live on; twelve hours without one, and it is over."""
    visitor = await panel.signed_in(panel.people.operator)
    for _ in range(3):
        panel.now_ms += 11 * 60 * _MINUTE_MS
        assert (await visitor.get("/me")).status == 200

    panel.now_ms += 12 * 60 * _MINUTE_MS
    assert (await visitor.get("/me")).status == 401


async def test_being_seen_is_written_once_a_minute(panel: PanelUnderTest) -> None:
    """Pages that ask for themselves all day would write all day."""
    person = panel.people.operator
    visitor = await panel.signed_in(person)
    seen: list[tuple[int, int]] = []
    for later_ms in (1000, 59_999, 60_000):
        panel.now_ms += later_ms - (seen[-1][0] if seen else 0)
        await visitor.get("/me")
        async with panel.database.reading() as tx:
            (session,) = await list_sessions(tx, person.id, panel.now_ms)
        seen.append((later_ms, session.seen_at))

    assert seen[0][1] == seen[1][1] < seen[2][1]


async def test_a_disabled_person_is_out_at_once(panel: PanelUnderTest) -> None:
    """With the next request, and no password helps."""
    person = panel.people.operator
    visitor = await panel.signed_in(person)
    await disable_operator(panel.database, person.id, panel.now_ms - 1)

    assert (await visitor.get("/me")).status == 401
    assert (await sign_in(await panel.visitor(), person)).status == 422


async def test_signing_out_ends_the_session_for_good(panel: PanelUnderTest) -> None:
    """Whoever has copied the cookie is out as well."""
    visitor = await panel.signed_in(panel.people.operator)
    assert visitor.token is not None

    answer = await visitor.post("/sign-out")

    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert await panel.accounts.find_signed_in(visitor.token, panel.now_ms) is None


async def test_signing_in_again_ends_the_session_before(panel: PanelUnderTest) -> None:
    """One browser has one session."""
    visitor = await panel.signed_in(panel.people.operator)
    await fill_in_while_signed_in(visitor, panel.people.colleague)

    assert await session_count(panel, panel.people.operator) == 0
    assert await session_count(panel, panel.people.colleague) == 1


async def fill_in_while_signed_in(visitor: Visitor, person: Person) -> None:
    """Send a form that was open in another tab."""
    stale = await visitor.post("/sign-in", data={"login": person.login, "password": PASSWORD})
    found = re.search('name="csrf_token" value="(.*?)"', stale.text)
    assert found is not None
    fields = {"login": person.login, "password": PASSWORD, "csrf_token": found[1]}
    headers = {"X-CSRF-Token": found[1]}
    assert (await visitor.post("/sign-in", data=fields, headers=headers)).status == 303


async def test_other_browsers_are_listed_and_can_be_signed_out(panel: PanelUnderTest) -> None:
    """One by one or all others at once, and only one's own."""
    person = panel.people.operator
    here, there = await panel.signed_in(person), await panel.signed_in(person)
    await panel.signed_in(person)
    strange = await panel.signed_in(panel.people.stranger)
    page = (await here.get("/me")).text
    assert page.count("Firefox, Linux") >= 3
    others = re.findall('name="session" value="([0-9a-f]{64})"', page)
    assert len(others) == 2

    end = {"session": others[0]}
    assert (await strange.post("/me/sessions/end", data=end)).status == 404
    assert (await here.post("/me/sessions/end", data=end)).status == 303
    assert await session_count(panel, person) == 2
    assert (await here.post("/me/sessions/end", data={"session": "others"})).status == 303
    assert (await here.get("/me")).status == 200
    assert (await there.get("/me")).status == 401


async def test_a_password_is_changed_and_other_browsers_are_out(panel: PanelUnderTest) -> None:
    """This browser stays; the new password is the only one from then on."""
    person = panel.people.operator
    here, there = await panel.signed_in(person), await panel.signed_in(person)

    form = {"present": PASSWORD, "wanted": "another long one"}
    assert (await here.post("/me/password", data=form)).status == 303

    assert (await here.get("/me")).status == 200
    assert (await there.get("/me")).status == 401
    assert (await sign_in(await panel.visitor(), person)).status == 422
    assert (await sign_in(await panel.visitor(), person, "another long one")).status == 303


@pytest.mark.parametrize(
    ("present", "wanted", "sentence"),
    [
        ("another one", "another long one", "not your present password"),
        (PASSWORD, "too short", "take 10 characters or more"),
        (PASSWORD, "x" * 1001, "take 1000 characters or fewer"),
        (PASSWORD, PASSWORD, "your present password"),
    ],
)
async def test_a_password_that_cannot_be_taken_is_refused_at_its_field(
    panel: PanelUnderTest, present: str, wanted: str, sentence: str
) -> None:
    """With a sentence, and nothing is changed."""
    visitor = await panel.signed_in(panel.people.operator)

    answer = await visitor.post("/me/password", data={"present": present, "wanted": wanted})

    assert answer.status == 422
    assert sentence in answer.text
    assert (await sign_in(await panel.visitor(), panel.people.operator)).status == 303


async def test_guessing_the_present_password_makes_one_wait(panel: PanelUnderTest) -> None:
    """Whoever sits down at somebody's open browser cannot try for ever."""
    visitor = await panel.signed_in(panel.people.operator)
    form = {"present": "a wrong password", "wanted": "another long one"}

    answers = [(await visitor.post("/me/password", data=form)).status for _ in range(6)]

    assert answers == [422] * 5 + [429]


async def test_a_password_given_by_others_is_changed_first(panel: PanelUnderTest) -> None:
    """No page but that form, until it is done."""
    person = panel.people.operator
    await panel.accounts.set_password(person.id, person.login, "given by others", panel.now_ms)
    visitor = await panel.visitor()
    await sign_in(visitor, person, "given by others")

    page = await visitor.get("/me", headers={"Accept": "text/html"})
    assert (page.status, page.headers["Location"]) == (303, "/me/password")
    assert (await visitor.get("/live")).status == 403
    form = (await visitor.get("/me/password")).text
    found = re.search('name="csrf_token" value="(.*?)"', form)
    assert found is not None
    fields = {"present": "given by others", "wanted": PASSWORD, "csrf_token": found[1]}
    assert (await visitor.post("/me/password", data=fields)).status == 303
    assert (await visitor.get("/me")).status == 200


@pytest.mark.parametrize(
    ("path", "field", "value", "shown"),
    [
        ("/me/language", "language", "uk", '<html lang="uk"'),
        ("/me/theme", "theme", "dark", 'data-theme="dark"'),
        ("/me/reminders", "remind_minutes", "30", '<option value="30" selected>'),
    ],
)
async def test_what_a_person_chooses_is_kept(
    panel: PanelUnderTest, path: str, field: str, value: str, shown: str
) -> None:
    """In every browser of the person, and in nobody else's."""
    person = panel.people.operator
    visitor, other = await panel.signed_in(person), await panel.signed_in(panel.people.colleague)

    assert (await visitor.post(path, data={field: value})).status == 204

    assert shown in (await (await panel.signed_in(person)).get("/me")).text
    assert shown not in (await other.get("/me")).text
    assert (await visitor.post(path, data={field: "nonsense"})).status == 422
