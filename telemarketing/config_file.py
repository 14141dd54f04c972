"""The settings file as its author sees it: where each key stands, and what is wrong with it.

In: the path of a TOML file. Out: its tables, and for every complaint a sentence with file, line,
key and cure. Knows nothing of what the settings mean; values of secrets never enter a sentence.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from telemarketing.errors import ConfigError

Location = tuple[str | int, ...]
"""Where a value stands: keys, and for `[[pbx]]` the number of the section from 0."""

_TOML_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

_EXPECTED = {
    "bool_type": "must be true or false, without quotes",
    "int_type": "must be a whole number, without quotes",
    "float_type": "must be a number, without quotes",
    "string_type": "must be text in quotes",
    "path_type": "must be a path in quotes",
    "tuple_type": "must be a list in square brackets",
    "model_type": "must be a section",
    "model_attributes_type": "must be a section",
    "finite_number": "must be a finite number",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_too_short": "must not be empty",
}


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file that is well-formed TOML, whatever its keys."""

    path: Path
    tables: dict[str, Any]
    places: dict[Location, str]
    """Where every key and section is written: `/etc/telemarketing/config.toml, line 12`."""

    def complaint(self, location: Location, sentence: str) -> ConfigError:
        """Make an error of a sentence by putting the nearest written place before it."""
        return ConfigError(self._placed(location, sentence))

    def explain(self, refusal: ValidationError, settings: type[BaseModel]) -> ConfigError:
        """Turn the model's refusal of the tables into sentences, one a line."""
        errors = refusal.errors()
        return ConfigError(
            "\n".join(self._placed(error["loc"], _sentence(error, settings)) for error in errors)
        )

    def _placed(self, location: Location, sentence: str) -> str:
        prefixes = (location[:length] for length in range(len(location), 0, -1))
        place = next((self.places[known] for known in prefixes if known in self.places), self.path)
        return f"{place}: {sentence}"


def read_settings_file(path: Path) -> SettingsFile:
    """Read a settings file.

    Raises:
        ConfigError: it is not there, may not be read, is not UTF-8 or not TOML.
    """
    try:
        # Editors on Windows put a byte order mark before UTF-8.
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such file; copy telemarketing.example.toml there, or name "
            "another file by --config."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8; save the file as UTF-8.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(
            f"{path}: cannot be read ({reason}); it must be a file that this user may read."
        ) from None
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(_not_toml(path, text, str(error))) from None
    places = {location: f"{path}, line {line}" for location, line in _key_lines(text)}
    return SettingsFile(path, tables, places)


def _not_toml(path: Path, text: str, message: str) -> str:
    position = _TOML_POSITION.search(message)
    line = (position and position[1]) or text.rstrip("\n").count("\n") + 1
    reason = _TOML_POSITION.sub("", message)
    return (
        f"{path}, line {line}: not TOML ({reason}); write `key = value`, with text in quotes, "
        "each key once, under its [section]."
    )


def _key_lines(text: str) -> Iterator[tuple[Location, int]]:
    """Give every key and section of a valid TOML text with its line.

    A header or an assignment is a valid document by itself, so the parser that read the whole tells
    what each statement names: no grammar of TOML is needed here.
    """
    section: Location = ()
    counts: dict[Location, int] = {}
    for line, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            section = _section(parsed, counts, starts_new=statement.lstrip().startswith("[["))
            yield section, line
        else:
            for location in _locations(parsed):
                yield section + location, line


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Cut a valid TOML text into headers and assignments, each with the line it begins on."""
    first, statement = 1, ""
    for number, line in enumerate(text.split("\n"), 1):
        if not statement:
            first = number
        statement += line + "\n"
        try:
            tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # a list or a text that goes on in the next line
        if tomllib.loads(statement):
            yield first, statement
        statement = ""


def _section(parsed: dict[str, Any], counts: dict[Location, int], *, starts_new: bool) -> Location:
    """Give the location a header opens: `[[pbx]]` and `[pbx.tls]` belong to the latest `pbx`."""
    location: Location = ()
    while parsed:
        ((key, parsed),) = parsed.items()
        location += (key,)
        if isinstance(parsed, list):
            parsed = parsed[0]
        if starts_new and not parsed:
            counts[location] = counts.get(location, -1) + 1
        if location in counts:
            location += (counts[location],)
    return location


def _locations(value: object) -> Iterator[Location]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (key,)
            yield from ((key, *rest) for rest in _locations(inner))


def _sentence(error: ErrorDetails, settings: type[BaseModel]) -> str:
    location, kind = error["loc"], error["type"]
    key = _key(location)
    if kind == "extra_forbidden":
        return f"unknown key `{key}`; {_nearest(location, settings)}."
    if kind == "missing":
        return f"`{key}` is missing; add it{_like(location, settings)}."
    if kind == "value_error":
        return f"`{key}` {error['ctx']['error']}."
    wanted = _EXPECTED.get(kind)
    wish = wanted.format(**error.get("ctx", {})) if wanted else f"is wrong: {error['msg']}"
    return f"`{key}`{_shown(error['input'], location, settings)} {wish}{_like(location, settings)}."


def _key(location: Location) -> str:
    """Name a key as `[section]` headers do, without the numbers of list entries."""
    return ".".join(part for part in location if isinstance(part, str))


def _nearest(location: Location, settings: type[BaseModel]) -> str:
    known = list(_fields(location[:-1], settings))
    match = get_close_matches(str(location[-1]), known, n=1)
    return f"the nearest known key is `{match[0]}`" if match else f"known here: {', '.join(known)}"


def _like(location: Location, settings: type[BaseModel]) -> str:
    """Show how the key is written, by its example or else its default."""
    name, field = _field(location, settings)
    if _section_of(field) is not None:
        return f", like `{field.examples[0] if field.examples else f'[{_key(location)}]'}`"
    value = field.examples[0] if field.examples else field.default
    if value is None or _is_secret(field):
        return ""
    return f", like `{name} = {json.dumps(value, ensure_ascii=False)}`"


def _shown(value: object, location: Location, settings: type[BaseModel]) -> str:
    """Show what was written; never a secret, nor a section, which may hold one."""
    _, field = _field(location, settings)
    if _is_secret(field) or not isinstance(value, str | int | float):
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return f" is {text if len(text) <= 60 else text[:57] + '...'} but"


def _field(location: Location, settings: type[BaseModel]) -> tuple[str, FieldInfo]:
    """Give the key a complaint is about, without the numbers of list entries, and its field."""
    *section, name = (part for part in location if isinstance(part, str))
    return name, _fields(tuple(section), settings)[name]


def _fields(location: Location, settings: type[BaseModel]) -> dict[str, FieldInfo]:
    """Give the fields of the section at a location."""
    fields = settings.model_fields
    for name in (part for part in location if isinstance(part, str)):
        section = _section_of(fields[name])
        fields = section.model_fields if section is not None else {}
    return fields


def _section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Give the model of a field that is a section, or a list of sections; else None."""
    types = (field.annotation, *get_args(field.annotation))
    return next((t for t in types if isinstance(t, type) and issubclass(t, BaseModel)), None)


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr
