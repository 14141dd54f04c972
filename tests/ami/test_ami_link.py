"""What becomes of a link when the PBX is away, is no PBX, is too fast, or lacks rights."""

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme
from structlog.testing import capture_logs
from structlog.typing import EventDict

from telemarketing.ami.capture import SessionWriter, read_session
from telemarketing.ami.faults import why_not_connected
from telemarketing.ami.link import AmiLink, LinkState
from telemarketing.ami.rights import Proof
from tests.ami.server import (
    AmiServer,
    Follower,
    denied,
    event,
    follow,
    names,
    newchannel,
    response,
    silence,
    uniqueids,
)


async def reason_of_disconnect(port: int, **changes: object) -> str:
    """Follow until the first try has failed, and return what the log says of it."""
    with capture_logs() as logs:
        async with follow(port, retry_first_s=60, **changes) as follower:
            await follower.link.reached(LinkState.CONNECTING)
            await follower.link.reached(LinkState.DISCONNECTED)
    (warning,) = [entry for entry in logs if entry["log_level"] == "warning"]
    return str(warning["reason"])


class TestConnecting:
    async def test_pbx_away_at_start_is_followed_when_it_comes(self) -> None:
        """A PBX that is not there yet is tried with growing waits, said, and followed at last."""
        async with AmiServer() as away:
            port = away.port
        with capture_logs() as logs:
            async with follow(port, retry_first_s=0.001, retry_most_s=0.05) as follower:
                async with asyncio.timeout(10):
                    while sum(entry["event"] == "not connected" for entry in logs) < 3:
                        await follower.link.reached(LinkState.CONNECTING)
                        await follower.link.reached(LinkState.DISCONNECTED)
                async with AmiServer(port=port):
                    assert names(await follower.next(1)) == ["CoreShowChannelsComplete"]

        reason = next(entry["reason"] for entry in logs if entry["event"] == "not connected")
        assert "Connection refused: check that Asterisk runs" in reason
        assert "`enabled = yes`" in reason

    async def test_unknown_host_is_said(self) -> None:
        """A host that no DNS knows, or that cannot be one, is said with the cure."""
        for host in ("no such host", "a..b"):
            reason = await reason_of_disconnect(5038, host=host)
            assert reason.startswith(f"{host}:5038: this name is not known: check the host")

    async def test_failures_at_several_addresses_are_told_once(self) -> None:
        """`localhost` is two addresses, of which asyncio makes one text."""
        text = (
            "Multiple exceptions: [Errno 111] Connect call failed ('::1', 5038, 0, 0), "
            "[Errno 111] Connect call failed ('127.0.0.1', 5038)"
        )
        assert why_not_connected(OSError(text)).startswith("Connection refused: check that")

    async def test_account_without_system_is_followed(self, pbx: AmiServer) -> None:
        """A session that never gets FullyBooted is in step all the same."""
        pbx.tells_boot = False
        async with follow(pbx.port) as follower:
            await follower.link.reached(LinkState.FOLLOWING)

            assert names(await follower.next(1)) == ["CoreShowChannelsComplete"]

    async def test_peer_that_is_no_pbx_is_not_told_the_secret(self, pbx: AmiServer) -> None:
        """Something that greets otherwise is named, and no login is sent to it."""
        pbx.greeting = b"SSH-2.0-OpenSSH_9.2p1\r\n"

        assert "it greets with 'SSH-2.0-OpenSSH" in await reason_of_disconnect(pbx.port)
        assert pbx.actions == []

    async def test_peer_that_greets_without_end_is_given_up(self, pbx: AmiServer) -> None:
        """A greeting without a line end is not collected for ever."""
        pbx.greeting = b"Asterisk Call Manager/" + b"1" * 2000

        assert "this is no manager interface" in await reason_of_disconnect(pbx.port)

    async def test_peer_that_says_nothing_is_given_up(self, pbx: AmiServer) -> None:
        """A port that accepts and keeps silent is not waited for longer than an action."""
        pbx.greeting = b""

        reason = await reason_of_disconnect(pbx.port, action_timeout_s=0.05)
        assert reason == "greeting (perhaps this port is for TLS): no answer within 0.05 s"

    async def test_login_that_cannot_be_judged_now_is_tried_again(self, pbx: AmiServer) -> None:
        """An error that is not about the account is no refusal: the next try comes soon."""
        pbx.answers["Login"] = lambda action: response(action, Response="Error", Message="Not yet")

        assert await reason_of_disconnect(pbx.port) == "login: Not yet"

    async def test_failing_pbx_does_not_disturb_another(
        self, pbx: AmiServer, follower: Follower
    ) -> None:
        """While one link is refused, the other goes on."""
        async with AmiServer() as other:
            other.secret = "another"
            async with follow(other.port, pbx="other") as refused:
                await refused.link.reached(LinkState.REFUSED)
                pbx.say(newchannel(1))

                assert uniqueids(await follower.next(1)) == ["1795314603.1"]

    async def test_run_after_close_does_nothing(self, pbx: AmiServer, follower: Follower) -> None:
        """A closed link stays closed, and its consumer sees the end."""
        pbx.say(newchannel(1))
        await follower.next(1)
        follower.link.close()
        await follower.ended()
        await follower.link.run()

        assert await follower.link.receive() == []
        assert pbx.connection_count == 1


class TestTls:
    @pytest.fixture
    def authority(self) -> trustme.CA:
        """Who signs the certificate of the PBX."""
        return trustme.CA()

    @pytest.fixture
    def certificate(self, authority: trustme.CA) -> ssl.SSLContext:
        """The side of the PBX."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        return context

    async def test_trusted_pbx_is_followed(
        self, authority: trustme.CA, certificate: ssl.SSLContext
    ) -> None:
        """Over TLS with the right authority everything is as over TCP."""
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        async with AmiServer(certificate) as pbx, follow(pbx.port, tls=trust) as follower:
            assert names(await follower.next(1)) == ["CoreShowChannelsComplete"]

    async def test_untrusted_pbx_is_not_told_the_secret(self, certificate: ssl.SSLContext) -> None:
        """A certificate of an unknown authority ends the try before the login."""
        async with AmiServer(certificate) as pbx:
            reason = await reason_of_disconnect(pbx.port, tls=ssl.create_default_context())

            assert "its certificate is not trusted" in reason
            assert "`tls.ca_file`" in reason
            assert pbx.actions == []

    async def test_certificate_of_another_name_is_said(self, authority: trustme.CA) -> None:
        """A certificate of a trusted authority, but for another host, is not trusted."""
        certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("pbx.example").configure_cert(certificate)
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        async with AmiServer(certificate) as pbx:
            assert "set the host to a name that it has" in await reason_of_disconnect(
                pbx.port, tls=trust
            )

    async def test_port_without_tls_is_said(self, pbx: AmiServer) -> None:
        """TLS to the plain port of a PBX names the settings of both sides."""
        reason = await reason_of_disconnect(pbx.port, tls=ssl.create_default_context())

        assert "no TLS" in reason
        assert "`tlsbindaddr`" in reason
        assert "`tls.enabled = false`" in reason

    async def test_port_that_ignores_tls_is_said(self, pbx: AmiServer) -> None:
        """A peer that does not answer the first word of TLS is not waited for."""
        pbx.greeting = b""
        reason = await reason_of_disconnect(
            pbx.port, tls=ssl.create_default_context(), action_timeout_s=0.05
        )

        assert "no answer: check the host" in reason


async def failed(link: AmiLink, state: LinkState, times: int) -> None:
    """Wait until a link that is between two tries has failed so many times more."""
    async with asyncio.timeout(10):
        for _ in range(times):
            await link.reached(LinkState.CONNECTING)
            await link.reached(state)


def waits_told(logs: list[EventDict]) -> list[float]:
    """All waits that the log has told, in seconds."""
    return [entry["next_try_s"] for entry in logs if "next_try_s" in entry]


class TestWaits:
    async def test_session_that_held_makes_them_short_again(self, pbx: AmiServer) -> None:
        """After hours of work a lost connection is tried again as soon as the first time."""
        log_in = pbx.answers["Login"]
        pbx.answers["Login"] = lambda action: response(action, Response="Error", Message="Not yet")
        with capture_logs() as logs:
            async with follow(pbx.port, retry_first_s=0.05) as follower:
                await failed(follower.link, LinkState.DISCONNECTED, 3)
                pbx.answers["Login"] = log_in
                await follower.link.reached(LinkState.FOLLOWING)
                # Longer than the next wait would be, which is 0.4 s.
                await asyncio.sleep(0.5)
                pbx.hang_up()
                await follower.link.reached(LinkState.DISCONNECTED)

        assert len(waits_told(logs)) == 4
        assert waits_told(logs)[3] <= 0.1

    async def test_sessions_that_do_not_hold_make_them_longer(self, pbx: AmiServer) -> None:
        """A PBX that takes the login and hangs up is not tried at full speed for ever."""
        log_in = pbx.answers["Login"]

        def log_in_and_out(action: dict[str, str]) -> bytes:
            pbx.writer.write(log_in(action))
            pbx.hang_up()
            return b""

        pbx.answers["Login"] = log_in_and_out
        with capture_logs() as logs:
            async with follow(pbx.port, retry_first_s=0.2) as follower:
                await failed(follower.link, LinkState.DISCONNECTED, 3)

        assert waits_told(logs)[2] >= 0.4

    async def test_login_makes_them_short_again_after_refusals(self, pbx: AmiServer) -> None:
        """Once an account was right, its next refusal is tried again as soon as the first."""
        pbx.secret = "another"
        with capture_logs() as logs:
            async with follow(pbx.port, refused_retry_s=0.1) as follower:
                await failed(follower.link, LinkState.REFUSED, 2)
                pbx.secret = "correct"
                await follower.link.reached(LinkState.FOLLOWING)
                pbx.secret = "another"
                pbx.hang_up()
                await follower.link.reached(LinkState.REFUSED)
        first, second, _connection_lost, third = waits_told(logs)

        assert first <= 0.1 <= second
        assert third <= 0.1


class TestBackPressure:
    async def test_slow_consumer_loses_nothing(self, pbx: AmiServer) -> None:
        """A consumer that does not read stops the reading; later it gets every event, in order."""
        async with follow(pbx.port, queue_limit=100, watchdog_s=0.2, ping_every_s=0.05) as slow:
            await slow.next(1)
            count = 60_000
            pbx.say(*map(newchannel, range(count)))
            with pytest.raises(TimeoutError):
                # Longer than the watchdog: a link that does not read must not call it silence.
                async with asyncio.timeout(0.5):
                    await pbx.writer.drain()

            received = await slow.next(count)

        assert uniqueids(received) == [f"1795314603.{n}" for n in range(count)]
        assert pbx.connection_count == 1

    async def test_backlog_of_a_pbx_that_hung_up_is_read(self, pbx: AmiServer) -> None:
        """Asterisk drops a slow reader; what it had sent before is read to its end all the same."""
        async with follow(pbx.port, queue_limit=10, ping_every_s=0.3) as slow:
            await slow.next(1)
            pings = pbx.count("Ping")
            pbx.say(*map(newchannel, range(20_000)), b"Event: Newchannel\r\nUniq")
            pbx.hang_up()
            # Longer than a ping is away: one written now would be answered by a reset.
            await asyncio.sleep(0.4)
            received = await slow.until_lost()

        assert uniqueids(received) == [f"1795314603.{n}" for n in range(20_000)]
        assert pbx.count("Ping") <= pings + 1

    async def test_stop_and_go_are_told(self, pbx: AmiServer) -> None:
        """The log says when the PBX must wait, and when it may go on."""
        with capture_logs() as logs:
            async with follow(pbx.port, queue_limit=10) as follower:
                await follower.next(1)
                pbx.say(*map(newchannel, range(20)))
                await follower.next(20)

        told = [entry["event"] for entry in logs]
        assert told.count("events come faster than they are stored, the PBX must wait") == 1
        assert told.count("reading again") == 1


class TestRights:
    async def test_missing_write_right_is_named_once(self, pbx: AmiServer) -> None:
        """Without `reporting` the link follows, asks no more for channels, and names the cure."""
        del pbx.commands["CoreShowChannels"]
        pbx.answers["CoreShowChannels"] = denied
        with capture_logs() as logs:
            async with follow(pbx.port, list_every_s=0.01) as follower:
                await follower.link.reached(LinkState.FOLLOWING)
                pbx.hang_up()
                await pbx.heard("ListCommands", times=2)
                await follower.link.reached(LinkState.FOLLOWING)
                missing = follower.link.rights.missing

        assert [(right.access, right.name) for right in missing] == [("write", "reporting")]
        (warning,) = [entry for entry in logs if entry["event"] == "missing right"]
        assert "add `reporting` to `write =`" in warning["cure"]
        assert pbx.count("CoreShowChannels") == 0

    async def test_denied_list_is_a_missing_right(self, pbx: AmiServer) -> None:
        """`Permission denied` counts, whatever ListCommands promised."""
        pbx.answers["CoreShowChannels"] = denied
        async with follow(pbx.port) as follower:
            await follower.link.reached(LinkState.FOLLOWING)

            assert [right.name for right in follower.link.rights.missing] == ["reporting"]

    async def test_read_rights_are_proved_by_their_events(
        self, pbx: AmiServer, follower: Follower
    ) -> None:
        """Skipped events prove a class too; what was never seen is not yet confirmed."""
        assert follower.link.rights.read["dialplan"] is Proof.NOT_YET
        pbx.say(event("Newexten", "dialplan,all", Uniqueid="1.1"), newchannel(1))
        await follower.next(1)

        assert set(follower.link.rights.read.values()) == {Proof.CONFIRMED}

    async def test_excess_rights_are_named(self, pbx: AmiServer) -> None:
        """An account that may run commands is warned of, with the cure."""
        pbx.commands["Command"] = "Execute Asterisk CLI Command.  (Priv: command,all)"
        with capture_logs() as logs:
            async with follow(pbx.port) as follower:
                await follower.link.reached(LinkState.FOLLOWING)

        (warning,) = [entry for entry in logs if "excess" in entry]
        assert warning["excess"] == ["command"]
        assert "write = reporting" in warning["cure"]


async def test_list_without_an_end_is_a_dead_session(pbx: AmiServer) -> None:
    """A PBX that begins a list and does not finish it is connected again."""
    whole = pbx.answers["CoreShowChannels"]
    pbx.answers["CoreShowChannels"] = response
    async with follow(pbx.port, action_timeout_s=0.05) as follower:
        await follower.until_lost()
        pbx.answers["CoreShowChannels"] = whole
        await follower.link.reached(LinkState.FOLLOWING)


async def test_unanswered_question_is_a_dead_session(pbx: AmiServer) -> None:
    """A PBX that answers the login and nothing else is connected again."""
    pbx.answers["ListCommands"] = silence
    async with follow(pbx.port, action_timeout_s=0.05) as follower:
        assert names(await follower.until_lost()) == []


async def test_recording_of_a_session_can_be_read_back(pbx: AmiServer, tmp_path: Path) -> None:
    """What the link saw, skipped events and responses included, is in the file."""
    path = tmp_path / "session.ami"
    with SessionWriter(path, "one channel") as writer:
        async with follow(pbx.port, save=writer.write) as follower:
            await follower.next(1)
            pbx.say(event("Newexten", "dialplan,all"), newchannel(1))
            await follower.next(1)

    recorded = [message.headers for message in await asyncio.to_thread(list, read_session(path))]
    assert [headers["Event"] for headers in recorded if "Event" in headers] == [
        "FullyBooted",
        "CoreShowChannelsComplete",
        "Newexten",
        "Newchannel",
    ]
    assert [headers["Response"] for headers in recorded if "Response" in headers] == ["Success"] * 3
