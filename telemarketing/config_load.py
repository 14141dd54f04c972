"""From the settings file, the environment and systemd's credentials to complete settings.

In: the path of the file. Out: `Settings`, with the secret of every PBX where it is asked for, or a
ConfigError that tells a person which line or variable to change. It connects to nothing.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError

from telemarketing.config import ENVIRONMENT_PREFIX, PbxSettings, Settings
from telemarketing.config_file import Location, SettingsFile, read_settings_file
from telemarketing.errors import ConfigError


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
    names = [
        name for name in os.environ if name.upper().startswith(ENVIRONMENT_PREFIX) and "__" in name
    ]
    return {
        tuple(
            name.lower().removeprefix(ENVIRONMENT_PREFIX.lower()).split("__")
        ): f"Environment variable {name}"
        for name in names
    }


def _check_sections(variables: Mapping[Location, str]) -> None:
    for (section, *_), place in variables.items():
        if section == "pbx":
            raise ConfigError(
                f"{place}: the settings of a PBX stand in the file; only its secret may be a "
                f"variable, {ENVIRONMENT_PREFIX}PBX_<NAME>_SECRET."
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
    variable = f"{ENVIRONMENT_PREFIX}PBX_{pbx.name.upper().replace('-', '_')}_SECRET"
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
