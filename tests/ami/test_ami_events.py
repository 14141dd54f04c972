"""Messages of real Asterisks as typed events, and the page that explains them."""

from pathlib import Path

import pytest

from telemarketing.ami import events
from telemarketing.ami.events import (
    BridgeEnter,
    Channel,
    CoreShowChannel,
    CoreShowChannelsComplete,
    DialBegin,
    Hangup,
    Newchannel,
    VarSet,
)
from telemarketing.ami.parsing import TRACKED_EVENTS, TRACKED_VARIABLES, parse_event

PAGE = Path(__file__).parents[2] / "docs" / "ami-events.md"

HANGUP = {
    "Event": "Hangup",
    "Privilege": "call,all",
    "Timestamp": "1795314605.117614",
    "Channel": "Local/answer@test-00000001;2",
    "ChannelState": "6",
    "ChannelStateDesc": "Up",
    "CallerIDNum": "+380441234567",
    "CallerIDName": "Олена",
    "ConnectedLineNum": "<unknown>",
    "ConnectedLineName": "<unknown>",
    "Language": "en",
    "AccountCode": "",
    "Context": "test",
    "Exten": "answer",
    "Priority": "4",
    "Uniqueid": "1795314603.3",
    "Linkedid": "1795314603.0",
    "Cause": "16",
    "Cause-txt": "Normal Clearing",
}
CHANNEL = Channel(
    name="Local/answer@test-00000001;2",
    uniqueid="1795314603.3",
    linkedid="1795314603.0",
    state="Up",
    caller_number="+380441234567",
    context="test",
    exten="answer",
)
AT = 1_795_314_605_117


class TestInstant:
    def test_time_of_the_pbx_counts(self) -> None:
        """With timestampevents the event happened when Asterisk says."""
        assert parse_event(HANGUP, 5) == Hangup(AT, CHANNEL, 16)

    @pytest.mark.parametrize("stamp", [None, "", "soon", "nan", "1e999", "-1", "1e12"])
    def test_else_the_arrival_counts(self, stamp: str | None) -> None:
        """Without a usable Timestamp the event happened when it arrived."""
        headers = {**HANGUP, "Timestamp": stamp or ""} if stamp is not None else dict(HANGUP)
        if stamp is None:
            del headers["Timestamp"]

        assert parse_event(headers, 5) == Hangup(5, CHANNEL, 16)


class TestChannel:
    @pytest.mark.parametrize("number", ["", "<unknown>"])
    def test_unknown_number_is_none(self, number: str) -> None:
        """Asterisk's ways of saying that it knows no number are one."""
        event = parse_event({**HANGUP, "Event": "Newchannel", "CallerIDNum": number}, 5)

        assert isinstance(event, Newchannel)
        assert event.channel.caller_number is None

    def test_endless_number_is_cut(self) -> None:
        """Whoever calls writes this number: what no index takes must not keep the call out."""
        event = parse_event({**HANGUP, "Event": "Newchannel", "CallerIDNum": "7" * 10_000}, 5)

        assert isinstance(event, Newchannel)
        assert event.channel.caller_number == "7" * 256

    def test_control_characters_of_a_number_are_spelled_out(self) -> None:
        """Whoever calls must not command the terminal on which the number is shown."""
        number = "\x1b[2J\r044\u00a01234567"
        event = parse_event({**HANGUP, "Event": "Newchannel", "CallerIDNum": number}, 5)

        assert isinstance(event, Newchannel)
        assert event.channel.caller_number == "\\x1b[2J\\x0d044\u00a01234567"

    def test_event_without_a_channel_is_none(self) -> None:
        """What cannot be assigned to a channel is of no use."""
        for name in TRACKED_EVENTS - {"CoreShowChannelsComplete"}:
            assert parse_event({"Event": name}, 5) is None

    def test_missing_linkedid_is_its_own(self) -> None:
        """A channel without Linkedid is the first of its conversation."""
        headers = {key: value for key, value in HANGUP.items() if key != "Linkedid"}
        event = parse_event(headers, 5)

        assert isinstance(event, Hangup)
        assert event.channel.linkedid == "1795314603.3"

    def test_dial_of_the_pbx_itself_has_no_caller(self) -> None:
        """A click-to-call has a called channel and nobody who calls."""
        dest = {f"Dest{key}": value for key, value in HANGUP.items()}
        event = parse_event({**dest, "Event": "DialBegin", "DialString": "101"}, 5)

        assert event == DialBegin(5, None, CHANNEL, "101")


class TestDetails:
    def test_untracked_event_is_none(self) -> None:
        """What call tracking has no use for is not an event here."""
        assert parse_event({**HANGUP, "Event": "RTCPSent"}, 5) is None
        assert parse_event({"Response": "Success"}, 5) is None

    def test_only_tracked_variables_are_events(self) -> None:
        """Of the hundreds of variables only those that matter are told."""
        headers = {**HANGUP, "Event": "VarSet", "Value": "/a.wav"}
        recording = parse_event({**headers, "Variable": "MIXMONITOR_FILENAME"}, 5)

        assert recording == VarSet(AT, CHANNEL, "MIXMONITOR_FILENAME", "/a.wav")
        assert parse_event({**headers, "Variable": "DIALSTATUS"}, 5) is None

    @pytest.mark.parametrize("cause", ["", "unknown", "-1", "٣", "1000", "9" * 5000])
    def test_cause_that_is_no_number_is_none(self, cause: str) -> None:
        """A cause that cannot be read is absent, not an error."""
        assert parse_event({**HANGUP, "Cause": cause}, 5) == Hangup(AT, CHANNEL, None)

    def test_bridge_has_an_id(self) -> None:
        """Entering a bridge tells which, and whether it connects or holds."""
        headers = {
            **HANGUP,
            "Event": "BridgeEnter",
            "BridgeUniqueid": "b1",
            "BridgeTechnology": "holding_bridge",
        }

        assert parse_event(headers, 5) == BridgeEnter(AT, CHANNEL, "b1", "holding_bridge")

    @pytest.mark.parametrize(
        ("duration", "milliseconds"),
        [("01:02:03", 3_723_000), ("", 0), ("x:00", 0), ("9" * 5000, 0), ("999999:00:00", 0)],
    )
    def test_list_tells_age_and_bridge(self, duration: str, milliseconds: int) -> None:
        """A line of the list of channels tells how long the channel has lived, and its bridge."""
        headers = {**HANGUP, "Event": "CoreShowChannel", "Duration": duration, "BridgeId": ""}

        assert parse_event(headers, 5) == CoreShowChannel(AT, CHANNEL, None, milliseconds)

    def test_end_of_the_list_is_an_event(self) -> None:
        """The end of the list says that nothing else lives."""
        assert parse_event({"Event": "CoreShowChannelsComplete"}, 5) == CoreShowChannelsComplete(5)


def test_page_explains_every_event() -> None:
    """docs/ami-events.md names each tracked event and variable, and each is a class of its name."""
    page = PAGE.read_text()
    for name in TRACKED_EVENTS | TRACKED_VARIABLES | {"LinkLost"}:
        assert f"`{name}`" in page, name
    for name in TRACKED_EVENTS:
        assert isinstance(getattr(events, name), type)
