"""Recorded sessions of real Asterisks, replayed: what the tracker says is what the phones saw."""

import json
from pathlib import Path

import pytest

from telemarketing.ami.capture import read_session
from telemarketing.call_form import call_form
from telemarketing.replay import replay_calls
from tests.asterisk.truth import differences
from tests.calls.stream import directory

SCENARIOS = Path(__file__).parent.parent / "scenarios"
SESSIONS = sorted(SCENARIOS.glob("*/*.ami"))


def test_there_are_sessions_of_both_versions() -> None:
    """A folder that was emptied or moved must not pass for success."""
    versions = [path.name.split(".")[-2] for path in SESSIONS]

    assert versions.count("16") == versions.count("22") >= 40


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recorded_call_is_told_as_its_phones_saw_it(path: Path) -> None:
    """One call; direction, numbers, people, disposition exact; times within 0.1 s."""
    truth = json.loads(path.with_suffix(".json").read_text())

    (call,) = replay_calls(path, "main", directory())

    assert differences(call_form(call), truth) == []
    assert call.ended_at is not None


@pytest.mark.parametrize("path", SESSIONS[::7], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_session_without_its_stamps_is_followed_by_the_pbx_clock(
    path: Path, tmp_path: Path
) -> None:
    """A raw dump by another tool, LF line ends, no comment, no ReceivedAt: the same call."""
    lines = path.read_bytes().replace(b"\r\n", b"\n").split(b"\n")[1:]
    dump = tmp_path / "dump.ami"
    dump.write_bytes(b"\n".join(line for line in lines if not line.startswith(b"ReceivedAt: ")))

    assert replay_calls(dump, "main", directory()) == replay_calls(path, "main", directory())


def test_a_session_holds_no_secret() -> None:
    """The logins of the recordings are not in them."""
    for path in SESSIONS:
        for message in read_session(path):
            assert message.headers.get("Secret", "***") == "***"
