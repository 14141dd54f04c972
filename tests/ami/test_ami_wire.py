"""Framing, sieving and decoding, without a socket."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemarketing.ami.wire import (
    MESSAGE_LIMIT_BYTES,
    Framer,
    Sieve,
    Sighting,
    parse_message,
)
from tests.ami.server import event, newchannel

# Pieces of which streams are built: ends of both kinds, halves of ends, text, half a letter.
_PIECES = st.sampled_from(
    [b"\r\n\r\n", b"\n\n", b"\r\n", b"\n", b"\r", b"Event: Hangup", b"Cause: 16", b"\xd0", b"x: "]
)
_STREAMS = st.lists(_PIECES, max_size=40).map(b"".join)


def framed(chunks: list[bytes]) -> list[bytes]:
    """All messages of a stream that comes in these chunks."""
    framer = Framer()
    return [raw for chunk in chunks for raw in framer.feed(chunk)]


def cut(stream: bytes, cuts: list[int]) -> list[bytes]:
    """The stream, cut at these places."""
    places = [0, *sorted({place % (len(stream) + 1) for place in cuts}), len(stream)]
    return [stream[start:end] for start, end in pairwise(places)]


class TestFramer:
    @given(_STREAMS, st.lists(st.integers(min_value=0, max_value=10_000), max_size=20))
    def test_any_cut_gives_the_same_messages(self, stream: bytes, cuts: list[int]) -> None:
        """However TCP cuts a stream, byte by byte too, the messages are the same."""
        whole = framed([stream])

        assert framed(cut(stream, cuts)) == whole
        assert framed([bytes([byte]) for byte in stream]) == whole

    @given(
        st.lists(
            st.integers(min_value=MESSAGE_LIMIT_BYTES - 5, max_value=MESSAGE_LIMIT_BYTES + 5),
            min_size=1,
            max_size=3,
        ),
        st.lists(st.integers(min_value=0), max_size=4),
    )
    def test_limit_does_not_depend_on_the_cut(self, sizes: list[int], cuts: list[int]) -> None:
        """Exactly the messages within the limit come through, and the others are counted."""
        stream = b"".join(b"x" * size + b"\r\n\r\n" for size in sizes)
        framer = Framer()
        lengths = [len(raw) for chunk in cut(stream, cuts) for raw in framer.feed(chunk)]

        assert lengths == [size for size in sizes if size <= MESSAGE_LIMIT_BYTES]
        assert framer.oversized_count == len(sizes) - len(lengths)

    def test_lf_alone_ends_a_message(self) -> None:
        """A stream with bare LF is framed, and comes out with CRLF."""
        assert framed([b"Event: A\nX: 1\n\nEvent: B\r\n\r\n"]) == [
            b"Event: A\r\nX: 1",
            b"Event: B",
        ]

    def test_endless_message_does_not_grow(self) -> None:
        """What passes the limit is let go at once; what follows its end is read."""
        framer = Framer()
        for _ in range(200):
            assert framer.feed(b"x" * 10_000) == []

        assert framer.rest() == b""
        assert framer.oversized_count == 1
        assert framer.feed(b"\r\n\r\nEvent: A\r\n\r\n") == [b"Event: A"]

    def test_cost_is_linear_in_the_bytes(self) -> None:
        """Eight times the bytes in small chunks cost about eight times the work, not 64 times."""

        def cost_s(byte_count: int) -> float:
            framer = Framer()
            began_s = time.process_time()
            for _ in range(byte_count // 100):
                framer.feed(b"x" * 100)
            return time.process_time() - began_s

        small, big = min(cost_s(250_000) for _ in range(3)), cost_s(2_000_000)

        assert big < small * 8 * 3

    def test_rest_is_what_has_no_end_yet(self) -> None:
        """The beginning of a message can be had before its end has come."""
        framer = Framer()
        framer.feed(b"Event: A\r\n\r\nEvent: B\r\n")

        assert framer.rest() == b"Event: B\r\n"


class TestSieve:
    def select(self, *messages: bytes) -> tuple[list[bytes], list[bytes]]:
        """What comes through, for the consumer and for the link."""
        return Sieve().select(framed(list(messages)))

    def test_only_tracked_events_come_through(self) -> None:
        """Of what a PBX sends, only what call tracking understands is ever decoded."""
        events, control = self.select(event("Newexten"), newchannel(1), event("RTCPSent"))

        assert events == [newchannel(1).removesuffix(b"\r\n\r\n")]
        assert control == []

    def test_only_tracked_variables_come_through(self) -> None:
        """Of VarSet, half of all events, only the variables that matter come through."""
        wanted = event("VarSet", Channel="a", Variable="MIXMONITOR_FILENAME", Value="x.wav")
        events, _ = self.select(
            event("VarSet", Channel="a", Variable="DIALSTATUS", Value="ANSWER"),
            event("VarSet", Channel="a", Variable="X", Value="Variable: MIXMONITOR_FILENAME"),
            event("VarSet", Channel="a"),
            wanted,
        )

        assert events == [wanted.removesuffix(b"\r\n\r\n")]

    def test_responses_are_for_the_link_alone(self) -> None:
        """Responses and FullyBooted never reach the consumer; a list of channels goes to both."""
        answer, booted = b"Response: Success\r\nActionID: 1", b"Event: FullyBooted\r\nUptime: 1"
        listed = b"Event: CoreShowChannel\r\nUniqueid: 1.1"
        events, control = self.select(
            b"\r\n", *(raw + b"\r\n\r\n" for raw in (answer, booted, listed))
        )

        assert events == [listed]
        assert control == [answer, booted, listed]

    def test_blank_lines_before_an_event_are_borne(self) -> None:
        """Asterisk sends stray blank lines after SoftHangupRequest; the next event is whole."""
        events, _ = self.select(b"\r\n" * 3 + newchannel(1) + b"\r\n" + newchannel(2))

        assert [raw[:17] for raw in events] == [b"Event: Newchannel"] * 2

    def test_event_behind_garbage_is_found(self) -> None:
        """Lines that are no header, before an event, do not hide it; garbage alone is counted."""
        sieve = Sieve()
        events, _ = sieve.select([b"\xff\xfe\r\ncut off\r\nEvent: Hangup\r\nCause: 16", b"garbage"])

        assert events == [b"Event: Hangup\r\nCause: 16"]
        assert sieve.garbage_count == 1

    def test_each_name_is_sighted_once(self) -> None:
        """The first event of a name tells its read class and channel, the next ones nothing."""
        sieve = Sieve()
        sieve.select(framed([event("Newexten", "dialplan,all", Uniqueid="1.1")] * 2))
        sieve.select(framed([event("FullyBooted", "system,all")]))

        assert sieve.take_sightings() == [
            Sighting("Newexten", frozenset({"dialplan"}), "1.1"),
            Sighting("FullyBooted", frozenset({"system"}), None),
        ]
        assert sieve.take_sightings() == []

    def test_invented_names_do_not_fill_the_memory(self) -> None:
        """A peer with endless event names is borne, but not remembered without end."""
        sieve = Sieve()
        sieve.select([f"Event: Invented{number}".encode() for number in range(5000)])

        assert len(sieve.take_sightings()) == 1000
        assert sieve.select([b"Event: Newchannel\r\nUniqueid: 1.1"])[0]


class TestParseMessage:
    @given(st.binary(max_size=200))
    def test_no_bytes_raise_and_text_is_storable(self, raw: bytes) -> None:
        """Whatever comes, headers are strings that any database and JSON can hold."""
        for key, value in parse_message(raw, 0).headers.items():
            (key + value).encode("utf-8")
            assert "\0" not in key + value

    @pytest.mark.parametrize(
        ("raw", "headers"),
        [
            (b"A: 1\r\nB: ", {"A": "1", "B": ""}),
            (b"A: 1\r\nB:", {"A": "1", "B": ""}),
            (b"A:1\r\nno header\r\nB: x: y", {"A": "1", "B": "x: y"}),
            (b"A: 1\r\nB: 2\r\nA: 3", {"A": "1", "B": "2"}),
            (b"A: one\nline", {"A": "one\nline"}),
            (b"A: \x00", {"A": r"\x00"}),
        ],
    )
    def test_headers(self, raw: bytes, headers: dict[str, str]) -> None:
        """Headers are read as Asterisk writes them, and in the forms it does not write."""
        assert parse_message(raw, 5) == (5, headers)
