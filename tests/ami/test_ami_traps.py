"""The ways in which panoramisk is known to lose, repeat or invent things, each tried over TCP."""

import asyncio
import time
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from telemarketing.ami.actions import Action, Ping
from telemarketing.ami.events import LinkLost
from telemarketing.ami.link import LinkState
from telemarketing.ami.wire import Message
from telemarketing.errors import AmiActionFailed, CaptureError, Refused
from tests.ami.server import (
    PATIENCE_S,
    AmiServer,
    Follower,
    event,
    follow,
    names,
    newchannel,
    response,
    silence,
    uniqueids,
)


@dataclass(frozen=True)
class Originate(Action):
    """An action that must not be done twice."""

    channel: str = "PJSIP/101"

    def headers(self) -> dict[str, str]:
        return {"Action": "Originate", "Channel": self.channel, "Async": "true"}


@dataclass(frozen=True)
class Raw(Action):
    """An action with one header of the test's choice."""

    key: str
    value: str

    def headers(self) -> dict[str, str]:
        return {"Action": "Ping", self.key: self.value}


class TestRaisingCallback:
    async def test_unreadable_message_costs_no_other(
        self, pbx: AmiServer, follower: Follower
    ) -> None:
        """What cannot be read, in the middle of a chunk, does not take the rest of it along."""
        pbx.say(newchannel(1), b"\xff\x00 no header at all\r\n: \r\n\r\n", newchannel(2))

        assert uniqueids(await follower.next(2)) == ["1795314603.1", "1795314603.2"]

    async def test_recording_that_fails_ends_the_run(self, pbx: AmiServer) -> None:
        """A recording that cannot be written ends `run()` with its own reason."""

        def full_disk(_raw: bytes, _received_at: int) -> None:
            raise CaptureError("no space left")

        async with follow(pbx.port, save=full_disk) as follower:
            with pytest.raises(CaptureError, match="no space left"):
                await follower.ended()


async def test_events_keep_their_order(pbx: AmiServer, follower: Follower) -> None:
    """Thousands of events in one go reach the consumer in the order of the wire."""
    pbx.say(*map(newchannel, range(5000)))

    assert uniqueids(await follower.next(5000)) == [f"1795314603.{n}" for n in range(5000)]


class TestLetters:
    async def test_character_split_between_segments_stays_whole(
        self, pbx: AmiServer, follower: Follower
    ) -> None:
        """A name in Cyrillic that arrives byte by byte is the same name."""
        for byte in event("NewCallerid", CallerIDName="Олена Їжак", Uniqueid="1.1"):
            pbx.say(bytes([byte]))
            await asyncio.sleep(0)
        (received,) = await follower.next(1)

        assert isinstance(received, Message)
        assert received.headers["CallerIDName"] == "Олена Їжак"

    async def test_bytes_that_are_not_utf8_stay_visible(
        self, pbx: AmiServer, follower: Follower
    ) -> None:
        """A name in windows-1251 loses no byte, and its neighbours in UTF-8 no letter."""
        name = "Олена".encode("cp1251")
        pbx.say(
            b"Event: NewCallerid\r\nCallerIDName: " + name + b"\r\n"
            b"ConnectedLineName: " + "Їжак".encode() + b"\r\n\r\n"
        )
        (received,) = await follower.next(1)

        assert isinstance(received, Message)
        assert received.headers["CallerIDName"] == r"\xce\xeb\xe5\xed\xe0"
        assert received.headers["ConnectedLineName"] == "Їжак"


class TestInjection:
    @pytest.mark.parametrize(
        "smuggled", ["\r", "\n", "\0", "x\r\n\r\nAction: Originate", "x\nVariable: a=b"]
    )
    async def test_line_break_in_an_action_is_refused(
        self, pbx: AmiServer, follower: Follower, smuggled: str
    ) -> None:
        """CR, LF or NUL in a key or a value never reach the PBX."""
        for action in (Raw("Channel", smuggled), Raw(smuggled, "Channel")):
            with pytest.raises(Refused, match="line break or NUL"):
                await follower.link.send(action)
        await follower.link.send(Ping())

        assert [set(action) for action in pbx.actions if action["Action"] == "Ping"] == [
            {"Action", "ActionID"}
        ]

    async def test_line_break_in_the_secret_is_refused_at_once(self, pbx: AmiServer) -> None:
        """A secret with a line break is refused before anything is sent, and not shown."""
        with pytest.raises(Refused) as refusal:
            async with follow(pbx.port, secret="hidden\r\nAction: Originate"):
                pass

        assert "hidden" not in str(refusal.value)
        assert pbx.connection_count == 0


async def test_silent_peer_is_noticed(pbx: AmiServer) -> None:
    """A PBX that says nothing more is given up and connected again, and pings do not pile up."""
    async with follow(pbx.port, watchdog_s=0.2, ping_every_s=0.05) as follower:
        await follower.next(1)
        pbx.answers["Ping"] = silence
        pings = pbx.count("Ping")
        await follower.until_lost()

        assert pbx.count("Ping") <= pings + 2
        await pbx.connected(2)


class TestLostAction:
    async def test_pending_action_fails_and_is_never_sent_again(
        self, pbx: AmiServer, follower: Follower
    ) -> None:
        """An action without an answer fails when the connection ends; the PBX hears it once."""
        pbx.answers["Originate"] = silence
        asking = asyncio.create_task(follower.link.send(Originate()))
        await pbx.heard("Originate")
        pbx.hang_up()
        with pytest.raises(AmiActionFailed, match="connection ended"):
            await asking
        await pbx.heard("CoreShowChannels", times=2)
        await follower.link.reached(LinkState.FOLLOWING)

        assert pbx.count("Originate") == 1

    async def test_action_without_an_answer_times_out(self, pbx: AmiServer) -> None:
        """An action that is not answered fails in time; the late answer harms nobody."""
        async with follow(pbx.port, action_timeout_s=0.1) as follower:
            await follower.next(1)
            pbx.answers["Originate"] = silence
            with pytest.raises(AmiActionFailed, match=r"Originate: no answer within 0\.1 s"):
                await follower.link.send(Originate())
            pbx.say(response(await pbx.heard("Originate")), newchannel(1))

            assert uniqueids(await follower.next(1)) == ["1795314603.1"]

    async def test_action_of_a_lost_link_fails_at_once(self, pbx: AmiServer) -> None:
        """Nobody waits for an answer while there is no session."""
        pbx.secret = "another"
        async with follow(pbx.port) as follower:
            await follower.link.reached(LinkState.REFUSED)

            with pytest.raises(AmiActionFailed, match="not logged in to main"):
                await follower.link.send(Ping())


class TestRetrying:
    async def test_close_ends_the_wait_for_the_next_try(self, pbx: AmiServer) -> None:
        """`close()` while waiting to connect again ends the run, and nothing connects later."""
        async with follow(pbx.port, retry_first_s=3600, retry_most_s=3600) as follower:
            await follower.next(1)
            pbx.hang_up()
            await follower.link.reached(LinkState.DISCONNECTED)
            follower.link.close()
            await follower.ended()

        assert follower.link.state is LinkState.CLOSED
        assert pbx.connection_count == 1

    async def test_refused_login_is_reported_and_not_hammered(self, pbx: AmiServer) -> None:
        """A wrong secret is one error with its cure, and one try until the long wait is over."""
        with capture_logs() as logs:
            async with follow(pbx.port, secret="wrong") as follower:
                await follower.link.reached(LinkState.REFUSED)

        (error,) = [entry for entry in logs if entry["log_level"] == "error"]
        assert "[telemarketing]" in error["reason"]
        assert "secret" in error["reason"]
        assert 30 <= error["next_try_s"] <= 60
        assert pbx.count("Login") == 1
        assert "wrong" not in str(logs)

    async def test_refused_login_works_once_it_is_cured(self, pbx: AmiServer) -> None:
        """After the secret was put right on the PBX, the next try follows it."""
        pbx.secret = "another"
        async with follow(pbx.port, refused_retry_s=0.01) as follower:
            await pbx.heard("Login", times=3)
            pbx.secret = "correct"

            assert names(await follower.next(1)) == ["CoreShowChannelsComplete"]


class TestAnswersAndEvents:
    async def test_event_with_the_actionid_of_a_pending_action_is_an_event(
        self, pbx: AmiServer, follower: Follower
    ) -> None:
        """What an action causes reaches the consumer, though it carries the action's ActionID."""
        pbx.answers["Originate"] = lambda action: (
            event("Newchannel", ActionID=action["ActionID"], Uniqueid="1.1")
            + response(action, Message="Originate successfully queued")
        )
        answer = await follower.link.send(Originate())

        assert answer["Message"] == "Originate successfully queued"
        assert uniqueids(await follower.next(1)) == ["1.1"]

    async def test_queued_without_async_is_just_an_answer(
        self, pbx: AmiServer, follower: Follower
    ) -> None:
        """`successfully queued` for an action that has no header Async breaks nothing."""
        pbx.answers["Ping"] = lambda action: response(
            action, Message="Originate successfully queued"
        )

        assert (await follower.link.send(Ping()))["Response"] == "Success"

    async def test_error_of_the_pbx_is_the_reason(self, pbx: AmiServer, follower: Follower) -> None:
        """An action refused by Asterisk fails with Asterisk's own words."""
        pbx.answers["Originate"] = lambda action: response(
            action, Response="Error", Message="Extension does not exist."
        )

        with pytest.raises(AmiActionFailed, match="Originate: Extension does not exist"):
            await follower.link.send(Originate())


async def test_endless_message_is_cut_off(pbx: AmiServer, follower: Follower) -> None:
    """8 MB without an end cost little, are told once, and the next event is read."""
    began_s = time.process_time()
    with capture_logs() as logs:
        pbx.say(b"Event: VarSet\r\nValue: ", b"x" * 8_000_000, b"\r\n\r\n", newchannel(1))
        received = await follower.next(1)

    assert uniqueids(received) == ["1795314603.1"]
    assert time.process_time() - began_s < 2
    assert [entry["too_long_count"] for entry in logs if "too_long_count" in entry] == [1]


async def test_first_of_a_repeated_header_counts(pbx: AmiServer, follower: Follower) -> None:
    """A header that comes twice is still one string: the first."""
    pbx.say(b"Event: Newstate\r\nState: first\r\nUniqueid: 1.1\r\nState: second\r\n\r\n")
    (received,) = await follower.next(1)

    assert isinstance(received, Message)
    assert received.headers == {"Event": "Newstate", "State": "first", "Uniqueid": "1.1"}


class TestSnapshot:
    async def test_each_connect_brings_a_list(self, pbx: AmiServer) -> None:
        """After every connect the live channels are listed, behind the loss of the old link."""
        pbx.channels = ["1.1"]
        async with follow(pbx.port) as follower:
            listed = ["CoreShowChannel", "CoreShowChannelsComplete"]
            assert names(await follower.next(2)) == listed
            pbx.say(newchannel(7))
            pbx.hang_up()

            assert names(await follower.next(4)) == ["Newchannel", "LinkLost", *listed]

    async def test_each_boot_brings_a_list(self, pbx: AmiServer, follower: Follower) -> None:
        """A FullyBooted in the middle of a session asks for the rights and the channels again."""
        pbx.channels = ["1.1"]
        pbx.say(event("FullyBooted", "system,all"))

        listed = ["CoreShowChannel", "CoreShowChannelsComplete"]
        assert names(await follower.next(2)) == listed
        assert pbx.count("ListCommands") == 2

    async def test_list_comes_from_time_to_time(self, pbx: AmiServer) -> None:
        """The channels are listed again and again, so that a lost Hangup is noticed."""
        async with follow(pbx.port, list_every_s=0.02) as follower:
            received = names(await follower.next(4))

        assert received == ["CoreShowChannelsComplete"] * 4

    async def test_loss_is_stamped_and_last(self, pbx: AmiServer, follower: Follower) -> None:
        """LinkLost stands behind everything that was said before the cut, not earlier in time."""
        pbx.say(*map(newchannel, range(2000)))
        pbx.hang_up()
        async with asyncio.timeout(PATIENCE_S):
            received = await follower.next(2001)

        assert uniqueids(received) == [f"1795314603.{n}" for n in range(2000)]
        lost, last = received[-1], received[-2]
        assert isinstance(lost, LinkLost)
        assert isinstance(last, Message)
        assert lost.at >= last.received_at
