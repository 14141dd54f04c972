"""The settings as typed values; config/telemarketing.example.toml shows every key.

In: tables of a TOML file, and variables of the environment. Out: frozen `Settings`, each value of
which is plausible, or pydantic's refusal. Where they come from, `config_load` knows. Only `cli` and
`app` read them: what lies below gets plain values.
"""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

ENVIRONMENT_PREFIX = "TELEMARKETING_"
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


def _time_zone(text: str) -> str:
    # Asked by its name alone: the list of all zones is read from hundreds of files.
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'must be a zone like Europe/Kyiv, not "{text}"') from None
    return text


def _time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError(f'must be a time like 09:00, not "{text}"')
    return text


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError(f'must begin with /, not "{path}"')
    return path


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(
            f'must be an address or a network like 10.0.0.0/24, not "{text}"'
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


class OfficeSettings(_Section):
    """When and how people work here."""

    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Europe/Kyiv"
    day_begins: Annotated[str, AfterValidator(_time_of_day)] = "09:00"
    day_ends: Annotated[str, AfterValidator(_time_of_day)] = "18:00"
    working_days: Annotated[
        tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(strict=False, min_length=1)
    ] = (1, 2, 3, 4, 5)
    """1 = Monday."""
    short_talk_s: Annotated[int, Field(ge=0, le=86_400)] = 420
    """A talk below it is short."""


class CallbackSettings(_Section):
    """Reminders, and what the service itself proposes to do."""

    remind_before_s: Annotated[int, Field(ge=0, le=86_400)] = 900
    retry_after_s: Annotated[
        tuple[Annotated[int, Field(gt=0, le=31_536_000)], ...], Field(strict=False)
    ] = (7_200, 86_400, 259_200)
    """After the first, second, ... attempt in a row without an answer; then no more."""


class RecordingSettings(_Section):
    """Where sound files lie."""

    roots: Annotated[tuple[Annotated[str, AfterValidator(_absolute)], ...], Field(strict=False)] = (
        "/var/spool/asterisk/monitor",
    )
    """Nothing outside these folders is ever opened."""
    wait_s: Annotated[int, Field(gt=0, le=604_800)] = 86_400
    """How long after a call its file may still come."""


class PanelSettings(_Section):
    """The web panel."""

    enabled: bool = True
    host: Annotated[Line, AfterValidator(_host)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8420
    """0 = any free one; the log names it."""
    certificate_file: Annotated[
        Path | None, Field(strict=False, examples=["/etc/telemarketing/panel.pem"])
    ] = None
    """Certificate with its chain (PEM); None = HTTPS is a proxy's work."""
    key_file: Annotated[
        Path | None, Field(strict=False, examples=["/etc/telemarketing/panel.key"])
    ] = None
    trusted_proxies: Annotated[
        tuple[Annotated[str, AfterValidator(_network)], ...], Field(strict=False)
    ] = ("127.0.0.1", "::1")
    """Whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    session_s: Annotated[int, Field(ge=60, le=31_536_000)] = 43_200
    """A session that was not used for so long ends."""


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
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
    )

    database: DatabaseSettings = DatabaseSettings()
    numbers: NumberSettings = NumberSettings()
    extensions: ExtensionSettings = ExtensionSettings()
    office: OfficeSettings = OfficeSettings()
    callbacks: CallbackSettings = CallbackSettings()
    recordings: RecordingSettings = RecordingSettings()
    panel: PanelSettings = PanelSettings()
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
