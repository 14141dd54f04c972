"""Templates: a name and what it shows -> HTML in the reader's language.

In: the template's own context from a page, and what every page gets from the server (`Frame`). Out:
text, or a response around it. It reads no database and decides nothing about rights.
"""

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from gettext import NullTranslations
from pathlib import Path
from typing import TypedDict
from zoneinfo import ZoneInfo

from aiohttp import hdrs, web
from jinja2 import DictLoader, Environment, StrictUndefined, pass_context
from jinja2.runtime import Context

from telemarketing import clock
from telemarketing.media.audio import is_playable
from telemarketing.model.viewer import Viewer
from telemarketing.web.assets import Assets
from telemarketing.web.formats import Formats, show_duration, show_phone
from telemarketing.web.keys import Office
from telemarketing.web.languages import LANGUAGES, SOURCE_LANGUAGE, translations
from telemarketing.web.shipped_names import show_name

TEMPLATES = Path(__file__).parent / "templates"


class Frame(TypedDict):
    """What every page gets, beside its own context."""

    viewer: Viewer | None
    """None = nobody has signed in."""
    csrf_token: str
    language: str
    """One of `languages.LANGUAGES`."""
    theme: str
    """`system`, `light` or `dark`."""
    now_ms: int
    path: str
    """Of the request, for the mark in the navigation."""
    office: Office


class Renderer:
    """All templates: read at once, compiled when they are first used.

    Reading them takes a moment: make it before the event loop runs, or in a thread.
    """

    def __init__(self, assets: Assets, folder: Path = TEMPLATES) -> None:
        """See the class."""
        self.assets = assets
        sources = {
            path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.html")
        }
        self._environment = _environment(assets, sources)
        for language in LANGUAGES:
            translations(language)

    def render(self, language: str, template: str, context: Mapping[str, object]) -> str:
        """Return the HTML of a template, `leads/_list.html`.

        Raises:
            jinja2.UndefinedError: the template asks for what the context does not have.
        """
        reading = _language.set(language)
        try:
            return self._environment.get_template(template).render(context)
        finally:
            _language.reset(reading)


RENDERER = web.AppKey("renderer", Renderer)
FRAME: web.AppKey[Callable[[web.Request], Frame]] = web.AppKey("frame")
"""How the server tells what every page gets; set once, when the application is made."""


def page(
    request: web.Request, template: str, context: Mapping[str, object], status: int = 200
) -> web.Response:
    """Answer a request with a template; the page chooses between the whole and a fragment."""
    frame = request.app[FRAME](request)
    text = request.app[RENDERER].render(frame["language"], template, {**frame, **context})
    response = web.Response(text=text, status=status, content_type="text/html")
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    response.enable_compression()
    return response


def wants_fragment(request: web.Request) -> bool:
    """Tell whether htmx asks for a part of a page, rather than a browser for the whole of it."""
    return request.headers.get("HX-Request-Type") == "partial"


def add_toast(response: web.Response, text: str, undo: str | None = None) -> None:
    """Let the browser show a sentence for some seconds.

    Args:
        response: to a request of htmx.
        text: in the reader's language.
        undo: address to POST to when the person takes it back; None = cannot be undone.
    """
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": text, "undo": undo}})


def _environment(assets: Assets, sources: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(_Reader(), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(asset=assets.url, modules=assets.modules, languages=LANGUAGES)
    environment.filters.update(phone=show_phone, duration=show_duration, iso=clock.to_iso)
    environment.filters["named"] = _named
    environment.filters["playable"] = is_playable
    for show in _READERS_FILTERS:
        environment.filters[show.__name__] = _for_the_reader(show)
    return environment


_READERS_FILTERS = (
    Formats.clock,
    Formats.day,
    Formats.full_moment,
    Formats.late,
    Formats.long_day,
    Formats.moment,
    Formats.money,
    Formats.near_day,
    Formats.number,
    Formats.percent,
    Formats.total,
)
_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)
"""Of the page that is being made: the templates are compiled once for all languages."""


class _Reader(NullTranslations):
    """Sentences in the language of the page that is being made."""

    def gettext(self, message: str) -> str:
        return translations(_language.get()).gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return translations(_language.get()).ngettext(msgid1, msgid2, n)

    def pgettext(self, context: str, message: str) -> str:
        return translations(_language.get()).pgettext(context, message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return translations(_language.get()).npgettext(context, msgid1, msgid2, n)


@pass_context
def _named(context: Context, name: str) -> str:
    return show_name(name, context["language"])


def _for_the_reader(show: Callable[..., str]) -> Callable[..., str]:
    """Make a filter of a method of `Formats`, for the reader whom the context tells."""

    @pass_context
    def filtered(context: Context, *values: object) -> str:
        zone: ZoneInfo = context["office"].zone
        return show(Formats(context["language"], zone, context["now_ms"]), *values)

    return filtered
