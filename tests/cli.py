"""Typing commands as an administrator does."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner, Result

from telemarketing.cli.main import main

SESSION = """# one answered call
Event: Newchannel
Channel: PJSIP/101-00000001
ChannelState: 4
ChannelStateDesc: Ring
CallerIDNum: 101
Context: from-internal
Exten: 0441234567
Uniqueid: 1795310698.1
Linkedid: 1795310698.1
ReceivedAt: 1795310698.000

Event: Newchannel
Channel: PJSIP/provider-00000002
ChannelState: 0
ChannelStateDesc: Down
Context: from-trunk
Uniqueid: 1795310698.2
Linkedid: 1795310698.1
ReceivedAt: 1795310698.100

Event: DialBegin
Channel: PJSIP/101-00000001
Uniqueid: 1795310698.1
Linkedid: 1795310698.1
DestChannel: PJSIP/provider-00000002
DestUniqueid: 1795310698.2
DestLinkedid: 1795310698.1
DialString: 0441234567@provider
ReceivedAt: 1795310698.200

Event: DialEnd
Channel: PJSIP/101-00000001
Uniqueid: 1795310698.1
Linkedid: 1795310698.1
DestChannel: PJSIP/provider-00000002
DestUniqueid: 1795310698.2
DestLinkedid: 1795310698.1
DialStatus: BUSY
ReceivedAt: 1795310700.200

Event: Hangup
Channel: PJSIP/provider-00000002
Uniqueid: 1795310698.2
Linkedid: 1795310698.1
Cause: 17
ReceivedAt: 1795310700.300

Event: Hangup
Channel: PJSIP/101-00000001
Uniqueid: 1795310698.1
Linkedid: 1795310698.1
Cause: 17
ReceivedAt: 1795310700.400

"""
"""What a PBX said of one call, that of 101 to a busy number."""


def run(*arguments: str | Path) -> Result:
    """Run a command; an exception that is no orderly end fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def write_settings(path: Path, database_url: str, more: str = "") -> Path:
    """Write a settings file with one PBX, closed to others, and give its path."""
    path.write_text(
        f'[database]\nurl = "{database_url}"\n\n[panel]\nport = 0\n\n'
        f'[[pbx]]\nname = "main"\nsecret = "s3cret"\n{more}'
    )
    path.chmod(0o600)
    return path


@contextmanager
def time_zone(name: str) -> Iterator[None]:
    """Let this process live in another zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()
