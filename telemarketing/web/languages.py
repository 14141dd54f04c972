"""Languages of the screens: which one a person reads, and the catalogue of its sentences.

In: a person's setting and the browser's Accept-Language. Out: one of `LANGUAGES`, and the compiled
catalogue of it. Sentences in code and templates are English; the catalogues lie in `locale/`.
"""

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from telemarketing.errors import TelemarketingError

LANGUAGES = {"ru": "Русский", "uk": "Українська", "en": "English"}
"""Code -> its own name; the first is the default."""

DEFAULT_LANGUAGE = "ru"
SOURCE_LANGUAGE = "en"

LOCALE = Path(__file__).parent / "locale"


def N_(sentence: str) -> str:  # noqa: N802 - the name by which `make messages` knows it
    """Mark a sentence to be translated where it is shown."""
    return sentence


def choose_language(setting: str | None, accepted: str | None) -> str:
    """Return the language to show.

    Args:
        setting: what the person has chosen; None = nothing.
        accepted: the header Accept-Language, `uk-UA,uk;q=0.9,en;q=0.5`; None = not sent.
    """
    if setting in LANGUAGES:
        return setting
    for tag in _by_preference(accepted or ""):
        if (language := tag.partition("-")[0]) in LANGUAGES:
            return language
    return DEFAULT_LANGUAGE


def _by_preference(accepted: str) -> list[str]:
    """Tags of an Accept-Language header, the most wanted first; nonsense is left out."""
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(","):
        tag, _, quality = part.strip().lower().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if tag and weight > 0:
            wanted.append((-weight, tag))
    return [tag for _, tag in sorted(wanted, key=lambda one: one[0])]


@lru_cache
def translations(language: str) -> NullTranslations:
    """Return the catalogue of one of `LANGUAGES`; read once.

    Raises:
        TelemarketingError: it was never compiled.
    """
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    return read_translations(LOCALE / language / "LC_MESSAGES" / "messages.mo")


def read_translations(compiled: Path) -> GNUTranslations:
    """Read a compiled catalogue.

    Raises:
        TelemarketingError: there is none.
    """
    try:
        with compiled.open("rb") as file:
            return GNUTranslations(file)
    except FileNotFoundError:
        raise TelemarketingError(
            f"The panel's language file {compiled} is missing: install a built package, or run"
            " `make setup` in the checkout."
        ) from None
