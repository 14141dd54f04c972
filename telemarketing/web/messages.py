"""Keeps the catalogues in step with the sentences of the screens: `make messages`.

In: templates and code of the panel, and the .po files with what people have translated. Out: the
.po files with every sentence, and compiled .mo files beside them. Running it twice changes nothing.
"""

import sys
import tomllib
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from telemarketing.web.languages import LANGUAGES, LOCALE, SOURCE_LANGUAGE

PANEL = Path(__file__).parent
TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]


def extract() -> Catalog:
    """Collect the sentences of all templates and modules of the panel."""
    settings = tomllib.loads((LOCALE / "babel.toml").read_text())["mappings"]
    found = Catalog()
    for name, _, sentence, comments, context in extract_from_dir(
        PANEL,
        method_map=[(one["pattern"], one["method"]) for one in settings],
        options_map={one["pattern"]: one.get("options", {}) for one in settings},
        comment_tags=("Translators:",),
        strip_comment_tags=True,
    ):
        found.add(sentence, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def catalogue_file(language: str) -> Path:
    """Return where the translations into a language stand."""
    return LOCALE / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(language: str) -> Catalog:
    """Read what is translated into a language."""
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language)


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return the sentences that lack a translation, or one of its plural forms, or are in doubt."""
    return [one for one in catalogue if one.id and (one.fuzzy or not all(_forms(one)))]


def _forms(message: Message) -> tuple[str, ...]:
    written = message.string or ""
    return (written,) if isinstance(written, str) else tuple(written)


def update(path: Path, sentences: Catalog) -> Catalog:
    """Write a .po, and the .mo beside it, anew; translations no longer needed stay as comments."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    catalogue.update(sentences, no_fuzzy_matching=True, update_creation_date=False)
    # Replaced as a whole: whoever reads at this moment reads the old or the new one.
    with path.with_suffix(".po.new").open("wb") as file:
        write_po(file, catalogue, width=0, sort_by_file=True, include_lineno=False)
    with path.with_suffix(".mo.new").open("wb") as file:
        write_mo(file, catalogue)
    path.with_suffix(".po.new").replace(path)
    path.with_suffix(".mo.new").replace(path.with_suffix(".mo"))
    return catalogue


def main() -> None:
    """Update all languages, and name what is still to be translated."""
    sentences = extract()
    for language in TRANSLATED:
        for message in untranslated(update(catalogue_file(language), sentences)):
            sys.stdout.write(f"{language}: not translated: {message.id}\n")


if __name__ == "__main__":
    main()
