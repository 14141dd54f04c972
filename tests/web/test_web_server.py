"""The panel's server: what every answer has, and what is said when something is wrong."""

from tests.web.panel import PanelUnderTest


async def test_the_sign_in_form_is_shown_to_anybody(panel: PanelUnderTest) -> None:
    """Who has not signed in sees the form."""
    visitor = await panel.visitor()

    answer = await visitor.get("/sign-in")

    assert answer.status == 200
    assert 'name="password"' in answer.text


async def test_a_page_that_does_not_exist_is_told_so(panel: PanelUnderTest) -> None:
    """404 is a page as well."""
    visitor = await panel.visitor()

    answer = await visitor.get("/no-such-page")

    assert answer.status == 404


async def test_signing_out_leads_to_the_form(panel: PanelUnderTest) -> None:
    """The session is over, whatever the browser still has."""
    visitor = await panel.signed_in(panel.people.operator)

    assert (await visitor.post("/sign-out")).status == 303
    assert (await visitor.post("/sign-out")).status == 401


async def test_all_own_pages_are_made(panel: PanelUnderTest) -> None:
    """x."""
    visitor = await panel.signed_in(panel.people.administrator)
    for path in ("/me", "/me/password", "/system", "/healthz", "/readyz"):
        answer = await visitor.get(path)
        assert answer.status == 200, answer.text
