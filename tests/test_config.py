"""The settings file: what it gives, and what is said about one that cannot be used."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from telemarketing.config import PbxSettings, Settings
from telemarketing.config_load import exposed_secrets, load
from telemarketing.errors import ConfigError

EXAMPLE = Path(__file__).parent.parent / "config" / "telemarketing.example.toml"
PBX = '[[pbx]]\nname = "main"\nsecret = "s3cret"\n'
DATABASE_FORM = (
    "must be like postgresql://user:password@host:5432/database; in a password write @ as %40, "
    "/ as %2F, ? as %3F, # as %23."
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Give the path at which a test writes its settings file."""
    return tmp_path / "config.toml"


def refusal(path: Path, text: str) -> str:
    """Give what is said about a file that cannot be used."""
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(path)
    return str(refused.value).replace(f"{path}, ", "").replace(f"{path}: ", "")


def test_name_and_secret_of_a_pbx_are_enough(written: Path) -> None:
    """Everything else has a default that suits a PBX on the same machine."""
    written.write_text(PBX)

    settings = load(written)

    assert settings.pbx == (PbxSettings(name="main", secret=SecretStr("s3cret")),)
    assert settings.numbers.region == "UA"
    assert settings.database.url.get_secret_value().startswith("sqlite:////var/lib/")


def test_each_pbx_has_its_own_settings(written: Path) -> None:
    """Sections below [[pbx]] belong to the PBX above them."""
    written.write_text(
        PBX
        + '[[pbx]]\nname = "kyiv"\nhost = "10.0.0.2"\nsecret = "x"\ntrunks = ["400"]\n'
        + "[pbx.tls]\nenabled = true\n"
    )

    main, kyiv = load(written).pbx

    assert (main.host, main.tls.enabled, main.trunks) == ("127.0.0.1", False, ())
    assert (kyiv.host, kyiv.tls.enabled, kyiv.trunks) == ("10.0.0.2", True, ("400",))


def test_secrets_do_not_show(written: Path) -> None:
    """Settings can be printed without giving a secret away."""
    written.write_text(
        PBX.replace("s3cret", "hush") + '[database]\nurl = "postgresql://u:hush@h/d"\n'
    )

    assert "hush" not in repr(load(written))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no PBX is configured; add a section [[pbx]] with name, host, username and secret."),
        (
            PBX + 'usrname = "x"\n',
            "line 4: unknown key `pbx.usrname`; the nearest known key is `username`.",
        ),
        (
            PBX + "[numberz]\n",
            "line 4: unknown key `numberz`; the nearest known key is `numbers`.",
        ),
        (
            "[log]\nqqq = 1\n" + PBX,
            "line 2: unknown key `log.qqq`; known here: level, format.",
        ),
        (
            PBX + "[pbx.tls]\nenable = true\n",
            "line 5: unknown key `pbx.tls.enable`; the nearest known key is `enabled`.",
        ),
        (
            PBX + "tls = { enable = true }\n",
            "line 4: unknown key `pbx.tls.enable`; the nearest known key is `enabled`.",
        ),
        (
            PBX + 'port = "5038"\n',
            (
                'line 4: `pbx.port` is "5038" but must be a whole number, without quotes, '
                "like `port = 5038`."
            ),
        ),
        (
            PBX + "port = 70000\n",
            "line 4: `pbx.port` is 70000 but must be at most 65535, like `port = 5038`.",
        ),
        (
            PBX + "watchdog_s = 0\n",
            "line 4: `pbx.watchdog_s` is 0 but must be more than 0, like `watchdog_s = 30`.",
        ),
        (
            PBX + "watchdog_s = inf\n",
            (
                "line 4: `pbx.watchdog_s` is Infinity but must be a finite number, "
                "like `watchdog_s = 30`."
            ),
        ),
        (
            '[log]\nlevel = "loud"\n' + PBX,
            (
                "line 2: `log.level` is \"loud\" but must be one of 'debug', 'info', 'warning' or "
                "'error', like `level = \"info\"`."
            ),
        ),
        (
            "[numbers]\noutside_prefixes = 9\n" + PBX,
            (
                "line 2: `numbers.outside_prefixes` is 9 but must be a list in square brackets, "
                'like `outside_prefixes = ["9"]`.'
            ),
        ),
        (
            '[numbers]\nregion = "Ukraine"\n' + PBX,
            (
                "line 2: `numbers.region` must be the two capital letters of a country, like UA, "
                'not "Ukraine".'
            ),
        ),
        (
            '[numbers]\noutside_prefixes = [\n  "9",\n  "x",\n]\n' + PBX,
            'line 2: `numbers.outside_prefixes` must be digits in quotes, not "x".',
        ),
        (
            '[extensions]\npattern = "[0-9"\n' + PBX,
            (
                "line 2: `extensions.pattern` is no regular expression (unterminated character set "
                "at position 0); try [0-9]{2,5}."
            ),
        ),
        (
            '[database]\nurl = "mysql://x:hush@h/d"\n' + PBX,
            (
                "line 2: `database.url` must begin with sqlite:/// or postgresql://, like "
                '"sqlite:////var/lib/telemarketing/telemarketing.db".'
            ),
        ),
        ('[[pbx]]\nsecret = "x"\n', 'line 1: `pbx.name` is missing; add it, like `name = "main"`.'),
        (
            '[[pbx]]\nname = "Main PBX"\nsecret = "x"\n',
            'line 2: `pbx.name` must be small letters, digits and single hyphens, not "Main PBX".',
        ),
        (
            PBX + PBX,
            'line 5: two PBXs are called "main"; give each [[pbx]] a name of its own.',
        ),
        (
            '[[pbx]]\nname = "main"\n',
            (
                'line 2: PBX "main" has no secret; give `secret` or `secret_file`, the environment '
                "variable TELEMARKETING_PBX_MAIN_SECRET, or the systemd credential pbx-main-secret."
            ),
        ),
        (
            PBX + 'secret_file = "/s"\n',
            'line 4: PBX "main" has both `secret` and `secret_file`; remove one.',
        ),
        (
            PBX + 'username = "a\\r\\nAction: Command"\n',
            "line 4: `pbx.username` must be one line without control characters.",
        ),
        (
            PBX + 'host = "192.0.2.1:5038"\n',
            (
                "line 4: `pbx.host` must be a name or an address and nothing else, "
                'not "192.0.2.1:5038"; see `port`.'
            ),
        ),
        (
            '[database]\nurl = "postgresql://u:hu@sh@h/d"\n' + PBX,
            f"line 2: `database.url` {DATABASE_FORM}",
        ),
        (
            '[database]\nurl = "postgresql://u:1/hu@h/d"\n' + PBX,
            f"line 2: `database.url` {DATABASE_FORM}",
        ),
        (
            '[database]\nurl = "postgresql://u:p@h:port/d"\n' + PBX,
            f"line 2: `database.url` {DATABASE_FORM}",
        ),
        (
            PBX + "tls = true\n",
            "line 4: `pbx.tls` is true but must be a section, like `[pbx.tls]`.",
        ),
        (
            "trunks = " + "[" * 5000,
            (
                "line 1: not TOML (maximum recursion depth exceeded); write `key = value`, with "
                "text in quotes, each key once, under its [section]."
            ),
        ),
        ("[pbx]\n", "line 1: `pbx` must be a list in square brackets, like `[[pbx]]`."),
        (
            "a = '''\n[[pbx]]\n'''\n" + PBX,
            (
                "line 1: unknown key `a`; known here: database, numbers, extensions, office, "
                "callbacks, recordings, panel, log, pbx."
            ),
        ),
        (
            PBX + "port = \n",
            (
                "line 4: not TOML (Invalid value); write `key = value`, with text in quotes, "
                "each key once, under its [section]."
            ),
        ),
        (
            PBX + "trunks = [1,\n",
            (
                "line 4: not TOML (Invalid value); write `key = value`, with text in quotes, "
                "each key once, under its [section]."
            ),
        ),
    ],
)
def test_a_mistake_is_named_with_line_key_and_cure(written: Path, text: str, said: str) -> None:
    """Whoever wrote the file reads which line to change, and into what."""
    assert refusal(written, text) == said


def test_all_mistakes_are_named_at_once(written: Path) -> None:
    """Three mistakes take one round of mending, not three."""
    said = refusal(written, PBX + 'port = "x"\nhots = "y"\n[log]\nlevel = 3\n')

    assert [line.split(":")[0] for line in said.splitlines()] == ["line 7", "line 4", "line 5"]


def test_a_wrong_secret_is_not_shown(written: Path) -> None:
    """A complaint about a secret, or about a section that holds one, does not repeat it."""
    assert "1234567" not in refusal(written, '[[pbx]]\nname = "main"\nsecret = 1234567\n')
    assert "hush" not in refusal(written, '[pbx]\nname = "main"\nsecret = "hush"\n')


def test_a_missing_file_is_said_with_its_cure(tmp_path: Path) -> None:
    """Before the first settings file is written, the example is pointed at."""
    with pytest.raises(ConfigError, match=r"no such file; copy telemarketing\.example\.toml"):
        load(tmp_path / "absent.toml")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    """What cannot be read is said with the system's reason."""
    with pytest.raises(ConfigError, match=r"cannot be read \(is a directory\)"):
        load(tmp_path)


def test_a_file_that_is_not_utf8_is_said_with_its_line(written: Path) -> None:
    """An editor that saved another encoding is found by the line."""
    written.write_bytes(PBX.encode() + '# АТС\nhost = "АТС"\n'.encode("cp1251"))

    with pytest.raises(ConfigError, match="line 4: not UTF-8; save the file as UTF-8"):
        load(written)


def test_a_byte_order_mark_is_no_mistake(written: Path) -> None:
    """Editors on Windows write one before UTF-8."""
    written.write_text(PBX, encoding="utf-8-sig")

    assert load(written).pbx[0].name == "main"


def test_an_address_of_ipv6_is_a_host(written: Path) -> None:
    """Its colons are no port."""
    written.write_text(PBX + 'host = "2001:db8::1"\n')

    assert load(written).pbx[0].host == "2001:db8::1"


def test_windows_line_ends_are_no_mistake(written: Path) -> None:
    """A file edited on Windows works and keeps its line numbers."""
    written.write_bytes((PBX + "prot = 1\n").replace("\n", "\r\n").encode())

    with pytest.raises(ConfigError, match=r"line 4: unknown key `pbx\.prot`"):
        load(written)


def test_secrets_come_from_the_environment_first(
    written: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The variable goes before the credential, the credential before the file."""
    (tmp_path / "pbx-main-kyiv-secret").write_text("of the credential\n")
    written.write_text('[[pbx]]\nname = "main-kyiv"\nsecret = "of the file"\n')

    of_the_file = load(written).pbx[0].secret
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    of_the_credential = load(written).pbx[0].secret
    monkeypatch.setenv("TELEMARKETING_PBX_MAIN_KYIV_SECRET", "of the environment")
    of_the_environment = load(written).pbx[0].secret

    assert of_the_file.get_secret_value() == "of the file"
    assert of_the_credential.get_secret_value() == "of the credential"
    assert of_the_environment.get_secret_value() == "of the environment"


def test_a_secret_may_have_a_file_of_its_own(written: Path, tmp_path: Path) -> None:
    """The file's last line end is no part of the secret."""
    (tmp_path / "secret").write_text("from its own file\n")
    written.write_text(f'[[pbx]]\nname = "main"\nsecret_file = "{tmp_path}/secret"\n')

    assert load(written).pbx[0].secret.get_secret_value() == "from its own file"


def test_a_missing_secret_file_is_said_with_its_line(written: Path) -> None:
    """The path and what the file must hold are named."""
    said = refusal(written, '[[pbx]]\nname = "main"\nsecret_file = "/nowhere/secret"\n')

    assert said == (
        "line 3: /nowhere/secret cannot be read (No such file or directory); it must hold the "
        "secret and nothing else."
    )


def test_a_secret_of_two_lines_is_refused(written: Path, tmp_path: Path) -> None:
    """A line end inside a secret could add headers to the login."""
    (tmp_path / "secret").write_text("one\ntwo\n")

    said = refusal(written, f'[[pbx]]\nname = "main"\nsecret_file = "{tmp_path}/secret"\n')

    assert said.endswith('the secret of PBX "main" must be one line without control characters.')


def test_commands_without_a_pbx_need_no_secret(written: Path) -> None:
    """Who lists leads need not be able to log in to the PBX."""
    written.write_text('[[pbx]]\nname = "main"\nsecret_file = "/nowhere/secret"\n')

    assert load(written, with_secrets=False).pbx[0].name == "main"


def test_the_environment_goes_before_the_file(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run with other settings needs no other file."""
    written.write_text('[log]\nlevel = "error"\n' + PBX)
    monkeypatch.setenv("TELEMARKETING_LOG__LEVEL", "debug")
    monkeypatch.setenv("TELEMARKETING_DATABASE__URL", "postgresql://db/telemarketing")

    settings = load(written)

    assert settings.log.level == "debug"
    assert settings.database.url.get_secret_value() == "postgresql://db/telemarketing"


def test_a_mistake_in_the_environment_is_named_by_its_variable(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody searches the file for a value that is not in it."""
    monkeypatch.setenv("TELEMARKETING_LOG__LEVEL", "loud")

    assert refusal(written, PBX).startswith(
        'Environment variable TELEMARKETING_LOG__LEVEL: `log.level` is "loud" but must be one of'
    )


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("TELEMARKETING_LOGS__LEVEL", "there is no section `logs`; known are database, numbers,"),
        ("TELEMARKETING_PBX__0__HOST", "the settings of a PBX stand in the file; only its secret"),
    ],
)
def test_a_variable_that_means_nothing_is_a_mistake(
    written: Path, monkeypatch: pytest.MonkeyPatch, variable: str, said: str
) -> None:
    """A mistyped variable is not passed over in silence."""
    monkeypatch.setenv(variable, "x")

    assert refusal(written, PBX).startswith(f"Environment variable {variable}: {said}")


def test_the_database_may_be_a_credential(
    written: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A password in the database's address can stay out of the file."""
    written.write_text(PBX)
    (tmp_path / "database-url").write_text("postgresql://u:p@h/d\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert load(written).database.url.get_secret_value() == "postgresql://u:p@h/d"


def test_a_credential_that_is_no_text_is_named(
    written: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever encrypted the wrong file reads which."""
    (tmp_path / "pbx-main-secret").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert refusal(written, PBX) == (
        "Credential pbx-main-secret cannot be read (not UTF-8); it must hold one line of text."
    )


def test_a_secret_that_everybody_may_read_is_pointed_out(written: Path) -> None:
    """Only a file with a secret in it needs to be closed."""
    written.write_text(PBX)
    written.chmod(0o644)
    open_to_all = exposed_secrets(written)
    written.chmod(0o640)
    closed = exposed_secrets(written)
    written.write_text('[[pbx]]\nname = "main"\n')
    written.chmod(0o644)
    without_secret = exposed_secrets(written)

    assert open_to_all is not None
    assert f"chmod o-r {written}" in open_to_all
    assert closed is None
    assert without_secret is None


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give every key of the model, dotted, with its default."""
    for name, field in model.model_fields.items():
        if name == "pbx":
            yield from keys_of(PbxSettings, "pbx.")
        elif isinstance(field.default, BaseModel):
            yield from keys_of(type(field.default), f"{prefix}{name}.")
        else:
            yield prefix + name, None if field.is_required() else field.default


def written_keys(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give every key of the example, dotted, with its value."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from written_keys(value, f"{prefix}{name}.")
        elif name == "pbx":
            yield from written_keys(value[0], "pbx.")
        else:
            yield prefix + name, value


def test_the_example_shows_every_key_and_no_other() -> None:
    """Keys without a default stand there behind a #."""
    text = re.sub(r"^# ([a-z_]+ = )", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)

    shown = {key for key, _ in written_keys(tomllib.loads(text))}

    assert shown == {key for key, _ in keys_of(Settings)}


def test_the_example_shows_the_defaults() -> None:
    """Removing a line from the example changes nothing, except the name of the PBX."""
    shown = dict(written_keys(tomllib.loads(EXAMPLE.read_text())))
    plain = {
        key: default.get_secret_value() if isinstance(default, SecretStr) else default
        for key, default in keys_of(Settings)
    }
    defaults = {key: default for key, default in plain.items() if default not in (None, "")}

    assert shown.pop("pbx.name") == "main"
    assert shown == json.loads(json.dumps(defaults))


def test_the_example_explains_every_key() -> None:
    """Above each key, or above the key it forms one thought with, stands a comment."""
    lines = EXAMPLE.read_text().splitlines()
    keys = [n for n, line in enumerate(lines) if re.match(r"(# )?[a-z_]+ = ", line)]

    bare = [lines[n] for n in keys if not lines[n - 1].startswith("# ") and n - 1 not in keys]

    assert bare == []
