"""The settings file as typed values; config/telemarketing.example.toml shows every key.

In: a TOML file, and secrets from the environment or systemd's credentials. Out: frozen `Settings`
that are complete and plausible, or a ConfigError. Only `cli` and `app` read it: what lies below
gets plain values.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from telemarketing.config_file import Location, SettingsFile, read_settings_file
from telemarketing.errors import ConfigError

_PREFIX = "TELEMARKETING_"
_DATABASE_SCHEMES = ("sqlite:///", "postgresql://")


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression ({error}); try [0-9]{{2,5}}") from None
    return text


def _region(text: str) -> str:
    if text not in SUPPORTED_REGIONS:
        raise ValueError(f'must be the two capital letters of a country, like UA, not "{text}"')
    return text


def _digits(text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f'must be digits in quotes, not "{text}"')
    return text


def _pbx_name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError(f'must be small letters, digits and single hyphens, not "{text}"')
    return text


def _database_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(_DATABASE_SCHEMES):
        raise ValueError(
            "must begin with sqlite:/// or postgresql://, like "
            '"sqlite:////var/lib/telemarketing/telemarketing.db"'
        )
    if not _is_plain_address(url.get_secret_value()):
        raise ValueError(
            "must be like postgresql://user:password@host:5432/database; in a password write @ as "
            "%40, / as %2F, ? as %3F, # as %23"
        )
    return url


def _is_plain_address(url: str) -> bool:
    """Tell whether each part of an address is what it seems: a stray @ or / would move them."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    after = parts.path + parts.query + parts.fragment
    return parts.netloc.count("@") <= 1 and (parts.scheme == "sqlite" or "@" not in after)


def _host(text: str) -> str:
    try:
        _ = ":" in text and ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(
            f'must be a name or an address and nothing else, not "{text}"; see `port`'
        ) from None
    return text


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line without control characters")
    return text


def _secret(secret: SecretStr) -> SecretStr:
    _one_line(secret.get_secret_value())
    return secret


Digits = Annotated[str, AfterValidator(_digits)]
Line = Annotated[str, Field(min_length=1), AfterValidator(_one_line)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DatabaseSettings(_Section):
    """Where calls and leads are kept."""

    url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr(
        "sqlite:////var/lib/telemarketing/telemarketing.db"
    )


class NumberSettings(_Section):
    """How phone numbers are dialled where the PBX stands."""

    region: Annotated[str, AfterValidator(_region)] = "UA"
    outside_prefixes: Annotated[tuple[Digits, ...], Field(strict=False, examples=[["9"]])] = ()
    area_code: Annotated[Digits | None, Field(examples=["44"])] = None


class ExtensionSettings(_Section):
    """Which endpoints are desk phones of ours."""

    pattern: Annotated[str, AfterValidator(_pattern)] = "[0-9]{2,5}"
    """Regular expression for an endpoint's whole name."""


class LogSettings(_Section):
    """What is logged, and in which form."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class TlsSettings(_Section):
    """Encryption of the AMI connection."""

    enabled: bool = False
    ca_file: Annotated[
        Path | None, Field(strict=False, examples=["/etc/telemarketing/pbx-ca.pem"])
    ] = None
    """Certificates to trust (PEM); None = those of the system."""
    verify_hostname: bool = True


class PbxSettings(_Section):
    """One Asterisk."""

    name: Annotated[str, AfterValidator(_pbx_name), Field(examples=["main"])]
    host: Annotated[Line, AfterValidator(_host)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 5038
    username: Line = "telemarketing"
    secret: Annotated[SecretStr, AfterValidator(_secret)] = SecretStr("")
    """Empty only when the settings were loaded without secrets."""
    secret_file: Annotated[
        Path | None, Field(strict=False, examples=["/etc/telemarketing/secrets/main"])
    ] = None
    tls: TlsSettings = TlsSettings()
    trunks: Annotated[tuple[str, ...], Field(strict=False, examples=[["400"]])] = ()
    """Endpoints that are trunks although they look like an extension."""
    trunk_contexts: Annotated[tuple[str, ...], Field(strict=False)] = (
        "from-trunk",
        "from-pstn",
        "from-pstn-toheader",
        "from-did-direct",
    )
    """Contexts where calls from outside begin; they decide only where names do not."""
    action_timeout_s: Seconds = 10
    watchdog_s: Seconds = 30
    """A connection that says nothing for so long, pings notwithstanding, is dead."""


class Settings(BaseSettings):
    """The whole file."""

    model_config = SettingsConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        env_prefix=_PREFIX,
        env_nested_delimiter="__",
    )

    database: DatabaseSettings = DatabaseSettings()
    numbers: NumberSettings = NumberSettings()
    extensions: ExtensionSettings = ExtensionSettings()
    log: LogSettings = LogSettings()
    pbx: Annotated[tuple[PbxSettings, ...], Field(strict=False, examples=["[[pbx]]"])] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment go before the file, and nothing else come in."""
        return env_settings, init_settings


def load(path: Path, *, with_secrets: bool = True) -> Settings:
    """Read the settings.

    A PBX's secret comes from the first of: the variable `TELEMARKETING_PBX_<NAME>_SECRET`, the
    systemd credential `pbx-<name>-secret`, `secret_file`, `secret`. The database's address may be
    the credential `database-url`. Other keys: `TELEMARKETING_<SECTION>__<KEY>`.

    Args:
        path: the TOML file.
        with_secrets: False for commands that connect to no PBX: its secret may then be unreadable.

    Raises:
        ConfigError: one line for each thing that is wrong.
    """
    file = read_settings_file(path)
    variables = _environment()
    _check_sections(variables)
    file.places.update(variables)
    try:
        settings = Settings(**_with_database_credential(file))
    except ValidationError as refusal:
        raise file.explain(refusal, Settings) from None
    except SettingsError as error:
        raise ConfigError(f"Environment: {error}; lists are written as JSON.") from None
    _check_names(file, settings)
    if not with_secrets:
        return settings
    pbxs = (_with_secret(file, index, pbx) for index, pbx in enumerate(settings.pbx))
    return settings.model_copy(update={"pbx": tuple(pbxs)})


def exposed_secrets(path: Path) -> str | None:
    """Give a warning when everybody on this machine may read the secrets in the file."""
    tables = read_settings_file(path).tables
    has_secret = any("secret" in pbx for pbx in tables.get("pbx", ()))
    if not (has_secret or "url" in tables.get("database", {})) or not path.stat().st_mode & 0o004:
        return None
    return f"{path}: every user of this machine may read its secrets; chmod o-r {path}"


def _environment() -> dict[Location, str]:
    """Name the variables that go before keys of the file."""
    names = [name for name in os.environ if name.upper().startswith(_PREFIX) and "__" in name]
    return {
        tuple(
            name.lower().removeprefix(_PREFIX.lower()).split("__")
        ): f"Environment variable {name}"
        for name in names
    }


def _check_sections(variables: Mapping[Location, str]) -> None:
    for (section, *_), place in variables.items():
        if section == "pbx":
            raise ConfigError(
                f"{place}: the settings of a PBX stand in the file; only its secret may be a "
                f"variable, {_PREFIX}PBX_<NAME>_SECRET."
            )
        if section not in Settings.model_fields:
            known = ", ".join(name for name in Settings.model_fields if name != "pbx")
            raise ConfigError(f"{place}: there is no section `{section}`; known are {known}.")


def _with_database_credential(file: SettingsFile) -> dict[str, Any]:
    url = _credential("database-url")
    database = file.tables.get("database", {})
    if url is None or not isinstance(database, dict):
        return file.tables
    file.places["database", "url"] = "Credential database-url"
    return {**file.tables, "database": {**database, "url": url}}


def _check_names(file: SettingsFile, settings: Settings) -> None:
    if not settings.pbx:
        raise ConfigError(
            f"{file.path}: no PBX is configured; add a section [[pbx]] with name, host, username "
            "and secret."
        )
    names = [pbx.name for pbx in settings.pbx]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise file.complaint(
                ("pbx", index, "name"),
                f'two PBXs are called "{name}"; give each [[pbx]] a name of its own.',
            )


def _with_secret(file: SettingsFile, index: int, pbx: PbxSettings) -> PbxSettings:
    if pbx.secret_file is not None and pbx.secret.get_secret_value():
        raise file.complaint(
            ("pbx", index, "secret_file"),
            f'PBX "{pbx.name}" has both `secret` and `secret_file`; remove one.',
        )
    variable = f"{_PREFIX}PBX_{pbx.name.upper().replace('-', '_')}_SECRET"
    credential = f"pbx-{pbx.name}-secret"
    secret = os.environ.get(variable) or _credential(credential)
    if secret is None and pbx.secret_file is not None:
        secret = _secret_file(file, index, pbx.secret_file)
    secret = secret or pbx.secret.get_secret_value()
    if not secret.isprintable():
        raise file.complaint(
            ("pbx", index, "secret_file"),
            f'the secret of PBX "{pbx.name}" must be one line without control characters.',
        )
    if not secret:
        raise file.complaint(
            ("pbx", index, "name"),
            f'PBX "{pbx.name}" has no secret; give `secret` or `secret_file`, the environment '
            f"variable {variable}, or the systemd credential {credential}.",
        )
    return pbx.model_copy(update={"secret": SecretStr(secret)})


def _secret_file(file: SettingsFile, index: int, path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise file.complaint(
            ("pbx", index, "secret_file"),
            f"{path} cannot be read ({reason}); it must hold the secret and nothing else.",
        ) from None


def _credential(name: str) -> str | None:
    """Read one of systemd's credentials; None when the service was given none of this name.

    Raises:
        ConfigError: it cannot be read, or is not text.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder is None or not (path := Path(folder, name)).is_file():
        return None
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(
            f"Credential {name} cannot be read ({reason}); it must hold one line of text."
        ) from None
