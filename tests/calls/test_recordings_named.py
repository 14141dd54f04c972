"""How a recording becomes known: by the variable of MixMonitor, and by the PBX's own log."""

import pytest

from telemarketing.ami import events as ami
from telemarketing.ami.parsing import parse_event
from telemarketing.model.changes import CallChanged, CallEnded
from telemarketing.model.recording import same_file
from tests.calls.stream import Stream

NAME = "out-0441234567-101-20261122-030028-1795316428.0.wav"
PATH = f"/var/spool/asterisk/monitor/2026/11/22/{NAME}"


def ended_call(stream: Stream, *paths: str) -> str:
    """An outbound call with these files of MixMonitor; returns the operator's channel."""
    operator = stream.new("PJSIP/101", caller="101", exten="0441234567")
    client = stream.dial(operator, "PJSIP/provider", "0441234567@provider")
    for path in paths:
        stream.play(ami.VarSet(stream.now, stream.at(operator), "MIXMONITOR_FILENAME", path))
    stream.hang_up(client, operator)
    return operator


def test_a_record_of_the_log_is_read() -> None:
    """The name, the channel and its Linkedid come from headers of Cdr's own spelling."""
    headers = {"Event": "Cdr", "UniqueID": "5.2", "LinkedID": "5.1", "RecordingFile": NAME}

    assert parse_event(headers, 7) == ami.Cdr(7, "5.2", "5.1", NAME)
    assert parse_event({"Event": "Cdr", "UniqueID": "5.2"}, 7) == ami.Cdr(7, "5.2", "5.2", "")


def test_the_log_names_a_recording_just_after_the_call() -> None:
    """The call, already over, is told once more with its file; its times stay."""
    stream = Stream()
    operator = ended_call(stream)
    before = stream.only_call()
    stream.wait(0.036)

    (fact,) = stream.play(ami.Cdr(stream.now, operator, operator, NAME))

    assert isinstance(fact, CallChanged)
    assert fact.call.recordings == (NAME,)
    assert (fact.call.ended_at, fact.call.key) == (before.ended_at, before.key)
    assert stream.play(ami.Cdr(stream.now, operator, operator, NAME)) == []


def test_the_log_names_a_recording_just_before_the_end() -> None:
    """A record that comes before the last Hangup is part of the call's end."""
    stream = Stream()
    operator = stream.new("PJSIP/101", caller="101", exten="0441234567")
    client = stream.dial(operator, "PJSIP/provider")
    stream.hang_up(client)
    stream.play(ami.Cdr(stream.now, operator, operator, NAME))
    stream.hang_up(operator)

    assert stream.only_call().recordings == (NAME,)
    assert [type(fact) for fact in stream.facts].count(CallEnded) == 1


def test_one_file_named_twice_is_one_recording() -> None:
    """MixMonitor tells the whole path, the log the bare name: it is the same file."""
    stream = Stream()
    operator = ended_call(stream, PATH)

    assert stream.play(ami.Cdr(stream.now, operator, operator, NAME)) == []
    assert stream.only_call().recordings == (PATH,)


def test_a_record_finds_its_call_by_the_linkedid_too() -> None:
    """A channel that nobody announced belongs to the living call that it names."""
    stream = Stream()
    operator = stream.new("PJSIP/101", caller="101", exten="0441234567")
    client = stream.dial(operator, "PJSIP/provider")
    stream.play(ami.Cdr(stream.now, "5.99", operator, NAME))
    stream.hang_up(client, operator)

    assert stream.only_call().recordings == (NAME,)


@pytest.mark.parametrize("recording", ["", NAME])
def test_a_record_of_an_unknown_call_says_nothing(recording: str) -> None:
    """Neither a log line of a call that nobody followed nor one without a file is a fact."""
    stream = Stream()
    operator = ended_call(stream)

    assert stream.play(ami.Cdr(stream.now, "5.99", "5.98", recording)) == []
    assert stream.play(ami.Cdr(stream.now, operator, operator, "")) == []


def test_the_log_names_no_recording_of_what_was_no_call() -> None:
    """Plumbing alone is nobody's call, whatever the log has of it."""
    stream = Stream()
    tube = stream.new("Local/s@page-00000001;1")
    stream.hang_up(tube)

    assert stream.play(ami.Cdr(stream.now, tube, tube, NAME)) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PATH, PATH, True),
        (PATH, NAME, True),
        (f"2026/11/22/{NAME}", PATH, True),
        (PATH, PATH.replace("/22/", "/23/"), False),
        ("a.wav", "b/aa.wav", False),
    ],
)
def test_names_of_one_file(one: str, other: str, *, same: bool) -> None:
    """Names are compared from their end on, folder by folder, either way round."""
    assert same_file(one, other) is same
    assert same_file(other, one) is same
