"""What can be concluded about an account from what arrives, and what cannot."""

from structlog.testing import capture_logs

from telemarketing.ami.rights import Proof, Rights
from telemarketing.ami.rights_log import RightsLog
from telemarketing.ami.wire import Sighting


def sighting(name: str, read_class: str, uniqueid: str | None = "1.1") -> Sighting:
    """An event name, met for the first time on that channel."""
    return Sighting(name, frozenset({read_class}), uniqueid)


def missing(rights: Rights) -> list[tuple[str, str]]:
    """The rights known to be missing."""
    return [(right.access, right.name) for right in rights.missing]


class TestRead:
    def test_nothing_is_known_at_first(self) -> None:
        """Before the first event nothing is confirmed and nothing missing."""
        rights = Rights()

        assert set(rights.read.values()) == {Proof.NOT_YET}
        assert rights.missing == []

    def test_finished_call_without_varset_lacks_dialplan(self) -> None:
        """A dialled call from creation to hang-up sets variables; none seen = no right."""
        rights = Rights()
        rights.sighted([sighting("Newchannel", "call"), sighting("DialEnd", "call")])
        assert missing(rights) == []

        rights.sighted([sighting("Hangup", "call")])

        assert missing(rights) == [("read", "dialplan")]

    def test_hangup_of_a_call_not_dialled_says_nothing(self) -> None:
        """A channel that came and went without Dial need not have set a variable."""
        rights = Rights()
        rights.sighted([sighting("Newchannel", "call"), sighting("Hangup", "call")])

        assert rights.read["dialplan"] is Proof.NOT_YET

    def test_late_event_confirms_after_all(self) -> None:
        """A conclusion is taken back by the event that contradicts it."""
        rights = Rights()
        rights.sighted([sighting(name, "call") for name in ("Newchannel", "DialEnd", "Hangup")])
        rights.sighted([sighting("VarSet", "dialplan")])

        assert missing(rights) == []
        assert rights.read["dialplan"] is Proof.CONFIRMED

    def test_dialplan_on_a_new_channel_without_newchannel_lacks_call(self) -> None:
        """Dialplan running on a channel that nobody announced: events of calls are not told."""
        rights = Rights()
        rights.channels_listed(frozenset({"1.1"}))
        rights.sighted([sighting("VarSet", "dialplan", "1.2")])

        assert missing(rights) == [("read", "call")]

    def test_dialplan_on_an_old_channel_says_nothing(self) -> None:
        """A channel older than the link was announced before anybody listened."""
        rights = Rights()
        rights.sighted([sighting("Newexten", "dialplan", "1.0")])
        rights.channels_listed(frozenset({"1.1"}))
        rights.sighted([sighting("VarSet", "dialplan", "1.1")])

        assert rights.read["call"] is Proof.NOT_YET

    def test_listed_channel_without_newchannel_lacks_call(self) -> None:
        """A channel that only the second list knows should have been told by an event."""
        rights = Rights()
        rights.sighted([sighting("FullyBooted", "system", None)])
        rights.channels_listed(frozenset({"1.1"}))
        rights.channels_listed(frozenset({"1.1"}))
        assert missing(rights) == []

        rights.channels_listed(frozenset({"1.1", "1.2"}))

        assert missing(rights) == [("read", "call")]

    def test_second_list_without_fullybooted_lacks_system(self) -> None:
        """FullyBooted opens every session that may read it; a later one still confirms."""
        rights = Rights()
        rights.channels_listed(frozenset())
        assert missing(rights) == []

        rights.channels_listed(frozenset())
        assert missing(rights) == [("read", "system")]

        rights.sighted([sighting("FullyBooted", "system", None)])
        assert missing(rights) == []


class TestWrite:
    def test_listing_not_offered_lacks_reporting(self) -> None:
        """ListCommands leaves out what the account may not do."""
        rights = Rights()
        rights.commands_listed({"Ping": "Keepalive command.  (Priv: <none>)"})

        assert missing(rights) == [("write", "reporting")]
        assert not rights.may_list_channels

    def test_least_account_has_no_excess(self) -> None:
        """What `reporting` alone brings is not more than needed, whoever else may do it too."""
        rights = Rights()
        rights.commands_listed(
            {
                "CoreShowChannels": "List currently active channels.  (Priv: system,reporting,all)",
                "Status": "List channel status.  (Priv: system,call,reporting,all)",
                "JabberStatus": "Anything.  (Priv: reporting,all)",
                "Ping": "Keepalive command.  (Priv: <none>)",
            }
        )

        assert rights.excess_classes == ()
        assert rights.missing == []

    def test_excess_is_named_by_class(self) -> None:
        """Actions under one class alone betray that the account has it."""
        rights = Rights()
        rights.commands_listed(
            {
                "CoreShowChannels": "List currently active channels.  (Priv: system,reporting,all)",
                "Originate": "Originate a call.  (Priv: originate,all)",
                "Redirect": "Redirect (transfer) a call.  (Priv: call,all)",
                "Setvar": "Sets a channel variable or function value.  (Priv: call,all)",
            }
        )

        assert rights.excess_classes == ("call", "originate")

    def test_cure_is_a_line_for_the_administrator(self) -> None:
        """A missing right says which word to add where."""
        rights = Rights()
        rights.listing_denied()
        (right,) = rights.missing

        assert right.cure.startswith("add `reporting` to `write =` of this account in manager.conf")


class TestLog:
    def test_finding_is_said_once_and_taken_back(self) -> None:
        """A right missing in every session is one warning; a proof to the contrary is said too."""
        with capture_logs() as logs:
            rights_log = RightsLog("main")
            for _ in range(2):
                session = Rights()
                session.channels_listed(frozenset())
                session.channels_listed(frozenset())
                rights_log.tell(session)
            session.sighted([sighting("FullyBooted", "system", None)])
            rights_log.tell(session)

        assert [(entry["event"], entry["right"]) for entry in logs] == [
            ("missing right", "read system"),
            ("right is there after all", "read system"),
        ]
