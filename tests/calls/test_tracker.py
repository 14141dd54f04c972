"""What a stream of events says about a call: direction, people, times, disposition."""

from dataclasses import replace

import pytest

from telemarketing.ami import events as ami
from telemarketing.model.call import CallOperator, Direction, Disposition
from telemarketing.model.changes import CallAnswered, CallChanged, CallEnded, CallStarted
from tests.calls.stream import START, Stream, directory


def outbound(stream: Stream, dialled: str = "0441234567") -> tuple[str, str]:
    """Operator 101 dials a number, and the provider's channel is called."""
    operator = stream.new("PJSIP/101", caller="101", exten=dialled)
    return operator, stream.dial(operator, "PJSIP/provider", f"{dialled}@provider")


def inbound(stream: Stream, caller: str | None = "+380501112233") -> str:
    """Somebody calls our number."""
    return stream.new("PJSIP/provider", caller=caller, exten="380447771122", context="from-trunk")


def test_an_answered_outbound_call_has_its_own_ring_and_talk_times() -> None:
    """It rings 3 s and talks 5 s; the operator who dialled was not rung."""
    stream = Stream()
    operator, client = outbound(stream)
    stream.ring(client)
    stream.wait(3)
    stream.up(client)
    stream.dial_end(operator, client, "ANSWER")
    stream.up(operator)
    stream.enter("b1", client, operator)
    stream.wait(5)
    stream.leave("b1", operator, client)
    stream.hang_up(client, operator)

    call = stream.only_call()
    assert call.direction is Direction.OUTBOUND
    assert (call.number, call.raw_number, call.did) == ("+380441234567", "0441234567", None)
    assert call.operators == (CallOperator("101", ring_ms=0, talk_ms=5000),)
    assert call.disposition is Disposition.ANSWERED
    assert (call.placed_by, call.answered_by) == ("101", "101")
    assert (call.started_at, call.answered_at, call.ended_at) == (
        START,
        START + 3000,
        START + 8000,
    )
    assert (call.ring_ms, call.talk_ms, call.hangup_cause) == (3000, 5000, 16)


def test_an_outbound_call_is_told_while_the_phone_still_rings() -> None:
    """Start, answer and end are three facts in that order, the first before any answer."""
    stream = Stream()
    operator, client = outbound(stream)

    assert [type(fact) for fact in stream.facts] == [CallStarted]
    assert stream.facts[0].call.number == "+380441234567"

    stream.up(client)
    stream.enter("b1", client, operator)
    stream.hang_up(client, operator)

    told = [type(fact) for fact in stream.facts if not isinstance(fact, CallChanged)]
    assert told == [CallStarted, CallAnswered, CallEnded]


@pytest.mark.parametrize(
    ("status", "cause", "disposition"),
    [
        ("BUSY", 17, Disposition.BUSY),
        ("CHANUNAVAIL", 21, Disposition.BUSY),
        ("NOANSWER", 16, Disposition.NO_ANSWER),
        ("CHANUNAVAIL", 19, Disposition.NO_ANSWER),
        ("CHANUNAVAIL", 1, Disposition.FAILED),
        ("CONGESTION", 34, Disposition.FAILED),
        ("CANCEL", 0, Disposition.CANCELLED),
    ],
)
def test_an_unanswered_outbound_call_ends_as_the_called_side_said(
    status: str, cause: int, disposition: Disposition
) -> None:
    """Busy, rejected, no answer, unknown number, no circuit and cancelled are told apart."""
    stream = Stream()
    operator, client = outbound(stream)
    stream.wait(2)
    stream.hang_up(client, cause=cause)
    stream.dial_end(operator, client, status)
    stream.hang_up(operator)

    call = stream.only_call()
    assert (call.disposition, call.talk_ms, call.answered_at) == (disposition, 0, None)


def test_an_operator_who_gives_up_while_it_rings_cancelled() -> None:
    """The far end of the caller's channel hung up before anybody answered."""
    stream = Stream()
    operator, client = outbound(stream)
    stream.ring(client)
    stream.wait(4)
    stream.far_end_hangs_up(operator)
    stream.hang_up(client, cause=16)
    stream.dial_end(operator, client, "CANCEL")
    stream.hang_up(operator)

    assert stream.only_call().disposition is Disposition.CANCELLED
    assert stream.only_call().ring_ms == 4000


def test_busy_stays_busy_when_the_operator_hangs_up_on_the_busy_tone() -> None:
    """Once the attempt is over, hanging up is no longer giving up."""
    stream = Stream()
    operator, client = outbound(stream)
    stream.hang_up(client, cause=17)
    stream.dial_end(operator, client, "BUSY")
    stream.wait(3)
    stream.far_end_hangs_up(operator)
    stream.hang_up(operator)

    assert stream.only_call().disposition is Disposition.BUSY


def test_a_second_trunk_speaks_for_the_number() -> None:
    """The first trunk has no circuit, the second finds the client busy."""
    stream = Stream()
    operator, first = outbound(stream)
    stream.hang_up(first, cause=34)
    stream.dial_end(operator, first, "CONGESTION")
    second = stream.dial(operator, "PJSIP/backup", "0441234567@backup")
    stream.hang_up(second, cause=17)
    stream.dial_end(operator, second, "BUSY")
    stream.hang_up(operator)

    call = stream.only_call()
    assert (call.disposition, call.hangup_cause) == (Disposition.BUSY, 17)


def test_a_number_that_was_never_called_is_an_outbound_failure_under_its_raw_form() -> None:
    """The dialplan refuses the number, so there is no second party at all."""
    stream = Stream()
    operator = stream.new("PJSIP/101", caller="101", exten="00000000000")
    stream.far_end_hangs_up(operator)
    stream.hang_up(operator, cause=1)

    call = stream.only_call()
    assert (call.direction, call.disposition) == (Direction.OUTBOUND, Disposition.FAILED)
    assert (call.number, call.raw_number, call.counterpart) == (None, "00000000000", "00000000000")


def test_what_the_trunk_was_given_counts_when_the_dialled_form_makes_no_sense() -> None:
    """Operator 101 dials a speed dial that the dialplan turns into a number."""
    stream = Stream()
    operator = stream.new("PJSIP/101", caller="101", exten="*21")
    client = stream.dial(operator, "PJSIP/provider", "provider/sip:0441234567@192.0.2.1")
    stream.hang_up(client, operator)

    assert stream.only_call().number == "+380441234567"


def test_an_answered_inbound_call_rings_and_talks_with_its_operator() -> None:
    """Extension 102 rings 2 s and talks 10 s with an outside caller."""
    stream = Stream()
    client = inbound(stream)
    phone = stream.dial(client, "PJSIP/102", "102")
    stream.wait(0.5)
    stream.ring(phone)
    stream.wait(2)
    stream.up(phone)
    stream.dial_end(client, phone, "ANSWER")
    stream.enter("b1", phone, client)
    stream.wait(10)
    stream.hang_up(client, phone)

    call = stream.only_call()
    assert call.direction is Direction.INBOUND
    assert (call.number, call.did) == ("+380501112233", "380447771122")
    assert call.operators == (CallOperator("102", ring_ms=2000, talk_ms=10_000),)
    assert (call.placed_by, call.answered_by) == (None, "102")
    assert (call.ring_ms, call.talk_ms) == (2000, 10_000)


def test_in_a_ring_group_everybody_rung_takes_part_and_one_talks() -> None:
    """Three phones ring, 103 answers, the others ring until then."""
    stream = Stream()
    client = inbound(stream)
    phones = [stream.dial(client, f"PJSIP/{extension}") for extension in (101, 102, 103)]
    for phone in phones:
        stream.ring(phone)
    stream.wait(3)
    stream.up(phones[2])
    stream.dial_end(client, phones[2], "ANSWER")
    for phone in phones[:2]:
        stream.dial_end(client, phone, "CANCEL")
        stream.hang_up(phone, cause=26)
    stream.enter("b1", phones[2], client)
    stream.wait(1)
    stream.hang_up(client, phones[2])

    call = stream.only_call()
    assert call.operators == (
        CallOperator("101", 3000, 0),
        CallOperator("102", 3000, 0),
        CallOperator("103", 3000, 1000),
    )
    assert (call.disposition, call.answered_by) == (Disposition.ANSWERED, "103")


def test_nobody_answers_an_inbound_call() -> None:
    """The PBX gives up: no_answer, and those rung are known."""
    stream = Stream()
    client = inbound(stream)
    phone = stream.dial(client, "PJSIP/101")
    stream.ring(phone)
    stream.wait(20)
    stream.dial_end(client, phone, "NOANSWER")
    stream.hang_up(phone, client)

    call = stream.only_call()
    assert (call.disposition, call.ring_ms) == (Disposition.NO_ANSWER, 20_000)
    assert call.operators == (CallOperator("101", 20_000, 0),)


def test_a_phone_without_power_did_not_ring_but_its_owner_missed_a_call() -> None:
    """It was called and gave no sign until the PBX gave up."""
    stream = Stream()
    client = inbound(stream)
    silent = stream.dial(client, "PJSIP/101")
    stream.wait(20)
    stream.dial_end(client, silent, "NOANSWER")
    stream.hang_up(silent, cause=0)
    stream.hang_up(client)

    call = stream.only_call()
    assert call.operators == (CallOperator("101", 0, 0),)
    assert (call.disposition, call.ring_ms) == (Disposition.NO_ANSWER, 0)


def test_an_answer_without_any_ringing_before_it_rang_from_the_moment_of_the_call() -> None:
    """Some phones and providers send no 180; the client waited all the same."""
    stream = Stream()
    operator, client = outbound(stream)
    stream.wait(2)
    stream.up(client)
    stream.enter("b1", client, operator)
    stream.hang_up(client, operator)

    assert stream.only_call().ring_ms == 2000


def test_a_refusal_by_the_dialplan_is_not_the_caller_giving_up() -> None:
    """Congestion() makes a HangupRequest too; nobody was called, so the call failed."""
    stream = Stream()
    client = inbound(stream)
    stream.far_end_hangs_up(client)
    stream.hang_up(client, cause=34)

    assert stream.only_call().disposition is Disposition.FAILED


def test_a_queue_that_runs_out_of_time_is_no_answer() -> None:
    """It tells NOANSWER and then CANCEL for the same phone: the first is the reason."""
    stream = Stream()
    client = inbound(stream)
    stream.up(client)
    phone = stream.dial(client, "PJSIP/101")
    stream.ring(phone)
    stream.wait(2)
    stream.dial_end(client, phone, "NOANSWER")
    stream.dial_end(client, phone, "CANCEL")
    stream.hang_up(phone, client)

    assert stream.only_call().disposition is Disposition.NO_ANSWER


def test_a_caller_who_gives_up_in_the_menu_cancelled() -> None:
    """The PBX answered (the channel is Up), but no person did."""
    stream = Stream()
    client = inbound(stream)
    stream.up(client)
    stream.wait(8)
    stream.far_end_hangs_up(client)
    stream.hang_up(client)

    call = stream.only_call()
    assert (call.disposition, call.ring_ms, call.talk_ms) == (Disposition.CANCELLED, 0, 0)


def test_a_wait_on_hold_music_is_no_talk() -> None:
    """Two channels in a holding bridge do not hear each other."""
    stream = Stream()
    client = inbound(stream)
    phone = stream.dial(client, "PJSIP/101")
    stream.enter("parked", client, phone, technology="holding_bridge")
    stream.wait(30)
    stream.hang_up(client, phone)

    assert stream.only_call().talk_ms == 0


def test_a_queue_member_behind_a_local_channel_talks_through_it() -> None:
    """The caller and the operator stand in two bridges that a Local channel joins."""
    stream = Stream()
    client = inbound(stream)
    one = stream.new("Local/101@from-queue-0001;1", within=client)
    two = stream.new("Local/101@from-queue-0001;2", within=client)
    phone = stream.dial(two, "PJSIP/101", "101")
    stream.ring(phone)
    stream.wait(2)
    stream.up(phone)
    stream.enter("b2", phone, two)

    assert stream.tracker.live_calls()[0].answered_at is None

    stream.enter("b1", client, one)
    stream.wait(6)
    stream.hang_up(client, one, two, phone)

    call = stream.only_call()
    assert call.operators == (CallOperator("101", ring_ms=2000, talk_ms=6000),)


def test_a_call_between_two_of_ours_is_internal_and_has_no_number() -> None:
    """Both talk; the one who was called is who answered."""
    stream = Stream()
    caller = stream.new("PJSIP/101", caller="101", exten="102")
    called = stream.dial(caller, "PJSIP/102", "102")
    stream.ring(called)
    stream.wait(1)
    stream.up(called)
    stream.enter("b1", called, caller)
    stream.wait(4)
    stream.hang_up(caller, called)

    call = stream.only_call()
    assert call.direction is Direction.INTERNAL
    assert (call.number, call.raw_number, call.counterpart, call.hangup_cause) == (None,) * 4
    assert (call.placed_by, call.answered_by, call.talk_ms) == ("101", "102", 4000)


@pytest.mark.parametrize("said", [None, "anonymous"])
def test_a_hidden_caller_has_no_counterpart(said: str | None) -> None:
    """Withheld calls are calls, but there is nobody to make a lead of."""
    stream = Stream()
    client = inbound(stream, said)
    phone = stream.dial(client, "PJSIP/101")
    stream.hang_up(client, phone)

    call = stream.only_call()
    assert (call.withheld, call.number, call.counterpart) == (True, None, None)


def test_a_caller_may_become_known_only_later() -> None:
    """The first NewCallerid that makes sense counts; the dialplan's later ones change nothing."""
    stream = Stream()
    client = inbound(stream, None)
    named = stream.at(client)
    for said in ("Sales", "0501112233", "0671112233", "Sales 0501112233", "00"):
        known = ami.Channel(named.name, client, client, "Ring", said, named.context, named.exten)
        stream.play(ami.NewCallerid(stream.now, known))
    stream.hang_up(client)

    call = stream.only_call()
    assert (call.withheld, call.number) == (False, "+380501112233")


def test_a_staff_mobile_rung_for_a_caller_is_its_owners_phone() -> None:
    """Follow-me through the trunk: the operator talks, not a second client."""
    stream = Stream(directory(mobiles={"+380671234567": "101"}))
    client = inbound(stream)
    mobile = stream.dial(client, "PJSIP/provider", "0671234567@provider")
    stream.ring(mobile)
    stream.wait(2)
    stream.up(mobile)
    stream.enter("b1", client, mobile)
    stream.wait(3)
    stream.hang_up(client, mobile)

    call = stream.only_call()
    assert call.operators == (CallOperator("101", ring_ms=2000, talk_ms=3000),)
    assert call.number == "+380501112233"


def test_a_recording_is_kept_as_the_pbx_wrote_it() -> None:
    """Each file once, in order; other variables are not recordings."""
    stream = Stream()
    operator, client = outbound(stream)
    for path in ("/var/spool/a.wav", "/var/spool/a.wav", "/var/spool/b.wav"):
        stream.play(ami.VarSet(stream.now, stream.at(operator), "MIXMONITOR_FILENAME", path))
    stream.hang_up(client, operator)

    assert stream.only_call().recordings == ("/var/spool/a.wav", "/var/spool/b.wav")


def test_two_calls_from_one_number_at_once_stay_two() -> None:
    """Calls are told apart by Linkedid, never by number."""
    stream = Stream()
    first, second = inbound(stream), inbound(stream)
    stream.hang_up(first)
    stream.hang_up(second)

    assert [call.linkedid for call in stream.ended()] == [first, second]


def test_a_link_that_comes_up_in_mid_call_finds_the_call_talking() -> None:
    """The list of channels gives both parties and their bridge; the times are marked as partial."""
    stream = Stream()
    client = stream.channel("PJSIP/provider", caller="+380501112233", exten="s", state="Up")
    phone = stream.channel("PJSIP/101", within=client, state="Up")
    stream.wait(60)
    stream.list_channels(phone, client, bridge="b1", age_s=60)
    stream.wait(5)
    stream.hang_up(client, phone)

    call = stream.only_call()
    assert call.direction is Direction.INBOUND
    assert call.seen_from_start is False
    assert (call.started_at, call.talk_ms) == (START, 5000)
    assert (call.disposition, call.answered_by) == (Disposition.ANSWERED, "101")


def test_a_call_found_in_mid_call_began_with_the_oldest_thing_known_of_it() -> None:
    """Of its first channel an event tells the present alone; the list knows how old another is."""
    stream = Stream()
    client = stream.channel("PJSIP/provider", caller="+380501112233", exten="s", state="Up")
    phone = stream.channel("PJSIP/101", within=client, state="Up")
    stream.wait(60)
    stream.enter("b1", client)
    stream.list_channels(phone, client, bridge="b1", age_s=58)
    stream.hang_up(client, phone)

    assert stream.only_call().started_at == START + 2000


def test_a_call_that_ended_unseen_is_closed_when_two_lists_do_not_name_it() -> None:
    """It ends at the last moment at which it was known to live, and says that this is estimated."""
    stream = Stream()
    operator, client = outbound(stream)
    stream.enter("b1", client, operator)
    stream.wait(10)
    stream.play(ami.LinkLost(stream.now))
    stream.wait(100)
    stream.list_channels()
    assert stream.tracker.live_count == 1
    stream.list_channels()

    call = stream.only_call()
    assert call.end_estimated
    assert (call.disposition, call.talk_ms) == (Disposition.ANSWERED, 10_000)
    assert call.ended_at == START + 10_000


def test_a_list_that_overtakes_the_creation_of_a_channel_misses_nothing() -> None:
    """The list names a channel whose Newchannel comes only after it: the call is whole."""
    stream = Stream()
    operator = stream.channel("PJSIP/101", caller="101", exten="0441234567")
    stream.list_channels(operator)
    stream.wait(0.1)
    stream.play(ami.Newchannel(stream.now, stream.at(operator)))
    client = stream.dial(operator, "PJSIP/provider", "0441234567@provider")
    stream.hang_up(client, operator)

    call = stream.only_call()
    assert call.seen_from_start
    assert call.started_at == START + 100


def test_a_hangup_on_its_way_while_the_list_was_made_ends_the_call_exactly() -> None:
    """One list without the channel is not enough to declare it gone."""
    stream = Stream()
    operator, client = outbound(stream)
    stream.list_channels()
    stream.hang_up(client, operator)
    stream.list_channels()

    assert not stream.only_call().end_estimated


def test_stragglers_of_a_finished_call_do_not_wake_it() -> None:
    """Events, and lines of a list, that come after the last Hangup change nothing."""
    stream = Stream()
    operator, client = outbound(stream)
    stream.hang_up(client, operator)
    before = list(stream.facts)
    stream.dial_end(operator, client, "CANCEL")
    stream.list_channels(operator)
    stream.up(client)

    assert stream.facts == before
    assert stream.tracker.channel_count == 0


def test_the_end_of_an_unknown_channel_invents_no_call() -> None:
    """Of a call of which only the Hangup was seen, nothing is known that could be stored."""
    stream = Stream()
    stream.hang_up(stream.channel("PJSIP/101"))

    assert stream.facts == []


def test_duplicated_events_change_nothing() -> None:
    """The same answered call, every event told twice, is the same call."""
    once, twice = Stream(), Stream()
    operator, client = outbound(once)
    once.ring(client)
    once.wait(1)
    once.up(client)
    once.dial_end(operator, client, "ANSWER")
    once.enter("b1", client, operator)
    once.wait(2)
    once.leave("b1", client, operator)
    once.hang_up(client, operator)
    for event in once.played:
        twice.play(event)
        twice.play(event)

    assert twice.ended() == once.ended()


def test_a_uniqueid_of_endless_digits_is_followed_like_any_other() -> None:
    """A list of channels names one that no program can count; the channel is kept all the same."""
    stream = Stream()
    known = stream.at(stream.channel("PJSIP/101"))
    endless = replace(known, uniqueid=f"1.{'9' * 5000}")

    stream.play(ami.CoreShowChannel(START, endless, None, 0))

    assert stream.tracker.channel_count == 1
