"""Templates and static files: what a page looks like before any browser has touched it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from jinja2 import UndefinedError

from telemarketing.errors import TelemarketingError
from telemarketing.model.operator import Role
from telemarketing.model.viewer import Viewer
from telemarketing.web.assets import STATIC, Assets, check_assets
from telemarketing.web.keys import Office
from telemarketing.web.languages import LANGUAGES
from telemarketing.web.render import (
    FRAME,
    RENDERER,
    TEMPLATES,
    Frame,
    Renderer,
    add_toast,
    page,
    wants_fragment,
)

NOW = 1_795_341_600_000
"""22 November 2026, 12:00 in Kyiv."""

OFFICE = Office(
    zone=ZoneInfo("Europe/Kyiv"),
    day_begins="09:00",
    day_ends="18:00",
    working_days=(1, 2, 3, 4, 5),
    short_talk_ms=420_000,
    remind_before_ms=900_000,
    normalise=lambda raw: raw,
)


def frame(viewer: Viewer | None = None, language: str = "en") -> Frame:
    """What the server tells every page."""
    return {
        "viewer": viewer,
        "csrf_token": "token",
        "language": language,
        "theme": "dark",
        "now_ms": NOW,
        "path": "/leads/42",
        "office": OFFICE,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The base templates, and room for those of a test."""
    for source in TEMPLATES.glob("_*.html"):
        (tmp_path / source.name).write_text(source.read_text())
    return tmp_path


def shown(folder: Path, body: str, language: str = "en", **context: object) -> str:
    """A template of these words, as it is shown."""
    imports = [
        f'{{% import "{name}.html" as {name[1:]} with context %}}'
        for name in ("_macros", "_fields")
    ]
    (folder / "sample.html").write_text("".join(imports) + body)
    whole: Mapping[str, object] = {**frame(language=language), **context}
    return Renderer(Assets(), folder).render(language, "sample.html", whole).strip()


def words(html: str) -> str:
    """What a person reads of it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


def whole_page(folder: Path, viewer: Viewer, language: str = "en") -> str:
    """A page in the frame."""
    blocks = "".join(f"{{% block {name} %}}X{{% endblock %}}" for name in ("title", "content"))
    (folder / "page.html").write_text('{% extends "_base.html" %}' + blocks)
    return Renderer(Assets(), folder).render(language, "page.html", frame(viewer, language))


def test_what_people_typed_is_never_markup(folder: Path) -> None:
    """A title with markup in it is shown as it was typed."""
    html = shown(folder, "{{ title }}{{ macros.chip(title) }}", title="<script>alert(1)</script>")

    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2


def test_a_name_that_is_missing_is_an_error(folder: Path) -> None:
    """A template that asks for what its page did not give fails, instead of showing nothing."""
    with pytest.raises(UndefinedError):
        shown(folder, "{{ titel }}", title="x")


def test_the_same_template_in_three_languages(folder: Path) -> None:
    """One template speaks whatever language the page is asked for in."""
    body = '{{ macros.direction("inbound") }} {{ macros.phone(none) }} {{ now_ms|moment }}'
    said = {language: words(shown(folder, body, language)) for language in LANGUAGES}

    assert said == {
        "ru": "Входящий номер скрыт сегодня 12:00",
        "uk": "Вхідний номер приховано сьогодні 12:00",
        "en": "Inbound number withheld today 12:00",
    }


@pytest.mark.parametrize(
    ("talk_ms", "disposition", "direction", "chip"),
    [
        (419_999, "answered", "outbound", "< 7 min"),
        (419_000, "answered", "inbound", "< 7 min"),
        (420_000, "answered", "outbound", ""),
        (64_000, "answered", "internal", ""),
        (0, "no_answer", "outbound", ""),
    ],
)
def test_short_talks(
    folder: Path, talk_ms: int, disposition: str, direction: str, chip: str
) -> None:
    """Answered outside calls under seven minutes have the mark: 6:59.999 yes, 7:00 no."""
    call = f"{{{{ macros.short_talk({talk_ms}, '{disposition}', '{direction}') }}}}"

    assert words(shown(folder, call)) == chip.replace("<", "&lt;")


@pytest.mark.parametrize(
    ("result", "direction", "said"),
    [
        ("no_answer", "inbound", "Missed"),
        ("cancelled", "inbound", "Missed"),
        ("no_answer", "outbound", "No answer"),
        ("cancelled", "outbound", "Cancelled"),
        ("answered", "inbound", "Talked"),
        ("busy", "inbound", "Busy"),
        ("failed", "outbound", "Not connected"),
        ("unknown", "internal", "End not seen"),
    ],
)
def test_how_a_call_ended(folder: Path, result: str, direction: str, said: str) -> None:
    """The word for a call's end fits its direction: only those who called us were missed."""
    assert words(shown(folder, f"{{{{ macros.disposition('{result}', '{direction}') }}}}")) == said


def test_a_time_that_runs(folder: Path) -> None:
    """A running time is right before any script has run, and names its mark."""
    html = shown(folder, "{{ macros.timer(now_ms - 61000, office.short_talk_ms) }}")

    assert f'data-since="{NOW - 61_000}" data-mark-ms="420000"' in html
    assert words(html) == "1:01"


def test_a_field_that_was_refused(folder: Path) -> None:
    """A refused field keeps what was typed, and its sentence belongs to it for a screen reader."""
    html = shown(folder, "{{ fields.field('phone', 'Phone', '12 <b', problem='Too short.') }}")

    assert 'value="12 &lt;b"' in html
    assert 'aria-invalid="true" aria-describedby="phone-problem"' in html
    assert 'id="phone-problem"' in html


@pytest.mark.parametrize(
    ("role", "sections"),
    [
        (Role.OPERATOR, ["Now", "Leads", "Calls", "Callbacks", "My figures"]),
        (Role.SUPERVISOR, ["Now", "Leads", "Calls", "Callbacks", "Operators"]),
        (Role.ADMINISTRATOR, ["Now", "Leads", "Calls", "Callbacks", "Operators", "System"]),
    ],
)
def test_navigation(folder: Path, role: Role, sections: list[str]) -> None:
    """Everybody is offered the sections that are theirs, with the one where they are marked."""
    html = whole_page(folder, Viewer(1, "Olha", role, None))
    rail = html[html.index('<nav class="rail"') : html.index("</nav>")]

    assert [words(link) for link in re.findall(r"<a .*?</a>", rail, re.DOTALL)] == sections
    assert re.findall(r'href="(\S+)"[^>]*aria-current', rail) == ["/leads"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_in_markup(folder: Path, language: str) -> None:
    """The policy for browsers holds for every page: no inline script, style or handler."""
    html = whole_page(folder, Viewer(1, "Olha", Role.ADMINISTRATOR, None), language)
    markup = html + "".join(file.read_text() for file in TEMPLATES.rglob("*.html"))

    assert not re.findall(r"<style|\sstyle=|\son\w+=|hx-on|javascript:|js:", markup)
    assert re.findall(r"<script[^>]*>", html) == [
        f'<script type="module" src="{Assets().url("js/panel.js")}">'
    ]


def test_one_door_for_markup() -> None:
    """No template and no script goes around the escaping of what people typed."""
    templates = "".join(file.read_text() for file in TEMPLATES.rglob("*.html"))
    scripts = "".join(file.read_text() for file in STATIC.glob("js/*.js"))
    code = "".join(file.read_text() for file in TEMPLATES.parent.rglob("*.py"))

    assert not re.findall(r"\|\s*safe\b|autoescape", templates)
    assert not re.findall(
        r"\b(?:inner|outer)HTML|insertAdjacentHTML|\beval\b|new Function", scripts
    )
    assert not re.findall(r"Markup\b|markupsafe", code)


def test_missing_front_end_files(tmp_path: Path) -> None:
    """Without what the build brings nothing starts, and the sentence says what to do."""
    with pytest.raises(TelemarketingError, match=r"vendor/icons\.svg.*make setup"):
        check_assets(tmp_path)


def test_first_load_is_small() -> None:
    """Style, scripts and icons together stay far under what a slow line takes in a second."""
    assert Assets().first_load_bytes() < 60_000


def test_addresses_follow_the_contents(tmp_path: Path) -> None:
    """A changed file changes the addresses, so that no browser keeps an old one."""
    for name in ("css/a.css", "vendor/htmx.esm.min.js", "vendor/icons.svg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a {}")
    before = Assets(tmp_path)
    assert before.url("css/panel.css") == Assets(tmp_path).url("css/panel.css")

    (tmp_path / "css/a.css").write_text("b {}")

    assert before.url("css/panel.css") != Assets(tmp_path).url("css/panel.css")


def test_every_icon_is_in_the_sprite() -> None:
    """No template asks for an icon that the build does not bring."""
    sprite = set(re.findall(r'id="([\w-]+)"', (STATIC / "vendor/icons.svg").read_text()))
    templates = "".join(file.read_text() for file in TEMPLATES.rglob("*.html"))
    asked = set(re.findall(r'icon\("([\w-]+)"|picture="([\w-]+)"', templates))

    assert {name for pair in asked for name in pair if name} <= sprite


async def show_sample(request: web.Request) -> web.Response:
    """A page of its own, or a part of it for htmx."""
    answer = page(request, "sample.html", {"part": wants_fragment(request)}, 201)
    add_toast(answer, "Готово", undo="/undo/1")
    return answer


@pytest.fixture
def renderer(folder: Path) -> Renderer:
    """One page beside the base templates; made before there is an event loop, as it reads files."""
    (folder / "sample.html").write_text("{{ 'part' if part else 'whole' }}" + " " * 2000)
    return Renderer(Assets(), folder)


@pytest.fixture
async def client(renderer: Renderer) -> TestClient[web.Request, web.Application]:
    """A server with one page and the static files."""
    app = web.Application()
    app[RENDERER] = renderer
    app[FRAME] = lambda _request: frame()
    app.router.add_get("/", show_sample)
    app.router.add_get("/static/{version}/{name:.+}", app[RENDERER].assets.serve)
    return TestClient(TestServer(app))


async def test_page_and_fragment(client: TestClient[web.Request, web.Application]) -> None:
    """A browser gets the whole page; htmx, which says what it wants, a part of it."""
    async with client:
        whole = await client.get("/")
        part = await client.get("/", headers={"HX-Request-Type": "partial"})
        full = await client.get("/", headers={"HX-Request-Type": "full"})

        assert [(await one.text()).strip() for one in (whole, part, full)] == [
            "whole",
            "part",
            "whole",
        ]
        assert whole.status == 201
        assert whole.headers["Cache-Control"] == "no-store"
        assert whole.headers["Content-Encoding"] in {"gzip", "deflate"}


async def test_toast(client: TestClient[web.Request, web.Application]) -> None:
    """A sentence for some seconds travels in a header, whatever its letters."""
    async with client:
        answer = await client.get("/")

    assert answer.headers["HX-Trigger"].isascii()
    assert json.loads(answer.headers["HX-Trigger"]) == {
        "toast": {"text": "Готово", "undo": "/undo/1"}
    }


async def test_static_files(
    client: TestClient[web.Request, web.Application], renderer: Renderer
) -> None:
    """Files are kept by browsers for ever under their present address, and never under another."""
    address = renderer.assets.url("css/panel.css")
    async with client:
        now = await client.get(address)
        old = await client.get("/static/0123456789ab/css/panel.css")
        outside = await client.get("/static/0/../../policy.py")
        plain = await client.get(address, headers={"Accept-Encoding": "identity"})

        assert "immutable" in now.headers["Cache-Control"]
        assert now.headers["Content-Type"] == "text/css; charset=utf-8"
        assert now.headers["Content-Encoding"] == "gzip"
        assert old.headers["Cache-Control"] == "no-cache"
        assert outside.status == 404
        assert "Content-Encoding" not in plain.headers
        assert await plain.text() == await now.text()
