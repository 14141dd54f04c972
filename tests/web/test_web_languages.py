"""Languages: which one a person reads, and whether every sentence has its translation."""

import re
import shutil
from gettext import c2py
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from telemarketing.errors import TelemarketingError
from telemarketing.web.languages import LANGUAGES, choose_language, read_translations, translations
from telemarketing.web.messages import (
    TRANSLATED,
    catalogue_file,
    extract,
    read_catalogue,
    untranslated,
    update,
)

PLACE = re.compile(r"%\(\w+\)\w|\{\w+\}")


@pytest.mark.parametrize(
    ("setting", "accepted", "language"),
    [
        (None, None, "ru"),
        (None, "", "ru"),
        (None, "de-DE,de;q=0.9", "ru"),
        (None, "uk-UA,uk;q=0.9,en;q=0.5", "uk"),
        (None, "de, en;q=0.5, uk;q=0.7", "uk"),
        (None, "en-GB", "en"),
        (None, "en;q=0, uk;q=0.1", "uk"),
        (None, "uk;q=much, en", "en"),
        (None, ",;q=,;;", "ru"),
        ("en", "uk", "en"),
        ("xx", "uk", "uk"),
    ],
)
def test_choice(setting: str | None, accepted: str | None, language: str) -> None:
    """A person's setting goes before the browser's wish, and that before Russian."""
    assert choose_language(setting, accepted) == language


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: str) -> None:
    """No sentence of the screens lacks its translation, and none is in doubt."""
    catalogue = read_catalogue(language)
    known = {(one.id, one.context) for one in catalogue}
    missing = [one.id for one in extract() if (one.id, one.context) not in known]

    assert not missing, "run `make messages`, and translate"
    assert not [one.id for one in untranslated(catalogue)]


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_same_places(language: str) -> None:
    """A translation says everything that its sentence says, and asks for nothing else."""
    wrong = [one.id for one in read_catalogue(language) if one.id and not same_places(one)]

    assert not wrong


def same_places(message: Message) -> bool:
    """Whether all forms take the same values; a form for one may leave the number out."""
    sentences = [message.id] if isinstance(message.id, str) else list(message.id)
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    wanted = set(PLACE.findall(sentences[-1]))
    return all(set(PLACE.findall(form)) == wanted for form in forms if form)


@pytest.mark.parametrize("language", TRANSLATED)
def test_plurals(language: str) -> None:
    """Catalogues count as the languages do: 1 and 21, 2 to 4 and 22, all others."""
    form_of = c2py(read_catalogue(language).plural_expr)

    assert [form_of(number) for number in (1, 21, 101)] == [0, 0, 0]
    assert [form_of(number) for number in (2, 4, 22)] == [1, 1, 1]
    assert [form_of(number) for number in (0, 5, 11, 12, 111)] == [2, 2, 2, 2, 2]


def test_english_is_what_the_code_says() -> None:
    """English needs no catalogue."""
    assert translations("en").gettext("Sign out") == "Sign out"
    assert set(LANGUAGES) == {"en", *TRANSLATED}


def test_a_language_that_was_not_compiled(tmp_path: Path) -> None:
    """Without its compiled file, a language is refused with the cure."""
    with pytest.raises(TelemarketingError, match="make setup"):
        read_translations(tmp_path / "messages.mo")


@pytest.mark.parametrize("language", TRANSLATED)
def test_running_messages_twice_changes_nothing(language: str, tmp_path: Path) -> None:
    """What `make messages` wrote, it writes again, and keeps every translation."""
    path = tmp_path / "messages.po"
    shutil.copyfile(catalogue_file(language), path)
    sentences = extract()
    update(path, sentences)
    first = path.read_bytes()

    update(path, sentences)

    assert path.read_bytes() == first
    assert read_translations(path.with_suffix(".mo")).gettext("Sign out") != "Sign out"
