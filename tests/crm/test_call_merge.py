"""What is known of a call after it was seen twice."""

from dataclasses import replace

from telemarketing.crm.call_merge import merge, vanished
from telemarketing.model.call import Call, CallOperator, Disposition
from tests.make import MONDAY, answered, ended, make_call, make_incoming


def seen_late(call: Call, link_at: int) -> Call:
    """The same call as a daemon finds it that comes up in mid-call at `link_at`."""
    in_talk = call.answered_at is not None
    return replace(
        call,
        started_at=call.started_at // 1000 * 1000 + 1000,
        answered_at=link_at if in_talk else None,
        ring_ms=0,
        talk_ms=0,
        recordings=(),
        did=None,
        seen_from_start=False,
    )


def test_a_later_snapshot_replaces_an_earlier_one() -> None:
    """While one daemon follows a call from its start, its newest snapshot is the truth."""
    ringing = make_call(number=None, raw_number=None)
    talking = answered(replace(ringing, number="+380441234567", raw_number="0441234567"))
    assert merge(ringing, talking) == talking
    assert merge(talking, ended(talking)) == ended(talking)


def test_a_snapshot_that_lags_changes_nothing() -> None:
    """A second daemon that is slower neither reopens a call nor takes its answer back."""
    ringing = make_call()
    talking = answered(ringing)
    over = ended(talking)
    assert merge(over, talking) == over
    assert merge(over, ringing) == over
    assert merge(talking, ringing) == talking


def test_an_estimated_end_gives_way_to_what_was_seen() -> None:
    """A call declared ended by estimate is reopened when it lives, and takes its real end."""
    talking = answered(make_call())
    guessed = vanished(talking, talking.started_at + 20_000)
    assert merge(guessed, talking) == talking
    assert merge(guessed, ended(talking)) == ended(talking)
    assert merge(ended(talking), guessed) == ended(talking)


def test_talk_over_a_restart_counts_from_the_stored_answer() -> None:
    """Killed in mid-talk and restarted: the talk runs from the first answer to the end."""
    before = answered(make_call(), ring_ms=4000)
    assert before.answered_at is not None
    found = seen_late(before, link_at=before.answered_at + 25_000)
    operators = (CallOperator("101", 0, 10_000),)
    over = replace(
        found,
        ended_at=before.answered_at + 35_000,
        talk_ms=10_000,
        operators=operators,
        disposition=Disposition.ANSWERED,
        hangup_cause=16,
    )
    whole = merge(merge(before, found), over)
    assert (whole.started_at, whole.answered_at) == (before.started_at, before.answered_at)
    assert (whole.ring_ms, whole.talk_ms, whole.ended_at) == (4000, 35_000, over.ended_at)
    assert whole.operators == (CallOperator("101", 0, 35_000),)
    assert whole.disposition is Disposition.ANSWERED
    assert whole.seen_from_start
    assert whole == merge(before, over)
    assert merge(whole, over) == whole


def test_silence_after_the_talk_is_no_talk() -> None:
    """Found in mid-talk, a call that stays up after its talk counts the talk only."""
    before = answered(make_call())
    assert before.answered_at is not None
    found = seen_late(before, link_at=before.answered_at + 10_000)
    over = replace(found, ended_at=before.answered_at + 90_000, talk_ms=5000)
    assert merge(before, over).talk_ms == 15_000


def test_the_beginning_that_was_seen_is_kept() -> None:
    """Found in mid-call, a call loses neither its number nor who was rung before."""
    before = make_incoming("101", "102")
    found = replace(
        seen_late(answered(before, by="102"), link_at=MONDAY + 60_000),
        number=None,
        raw_number=None,
        operators=(CallOperator("102", 0, 0),),
    )
    merged = merge(before, found)
    assert (merged.number, merged.did) == (before.number, before.did)
    assert merged.answered_by == "102"
    assert [operator.extension for operator in merged.operators] == ["101", "102"]


def test_a_number_learnt_late_is_taken() -> None:
    """A call stored without its number gets it from a daemon that found it in mid-call."""
    before = make_call(number=None, raw_number=None)
    found = replace(seen_late(make_call(), link_at=MONDAY), linkedid=before.linkedid)
    assert merge(before, found).number == "+380441234567"


def test_answered_before_the_restart_stays_answered() -> None:
    """A call whose talk was over when the link came up is answered, with the talk that was seen."""
    before = replace(answered(make_call()), talk_ms=7000)
    found = replace(
        seen_late(make_call(), link_at=MONDAY),
        linkedid=before.linkedid,
        ended_at=MONDAY + 60_000,
        disposition=Disposition.UNKNOWN,
    )
    merged = merge(before, found)
    assert (merged.disposition, merged.talk_ms) == (Disposition.ANSWERED, 7000)


def test_two_glimpses_keep_the_earlier_answer() -> None:
    """Restarted twice in one call, the first answer and the earliest start stand."""
    first = seen_late(answered(make_call()), link_at=MONDAY + 10_000)
    second = replace(first, started_at=first.started_at + 500, answered_at=MONDAY + 30_000)
    merged = merge(first, second)
    assert (merged.started_at, merged.answered_at) == (first.started_at, MONDAY + 10_000)
    assert not merged.seen_from_start


def test_a_whole_history_outweighs_a_glimpse() -> None:
    """What a daemon saw from start to end is not spoilt by another that saw the end only."""
    over = ended(answered(make_call()))
    glimpse = replace(seen_late(over, link_at=MONDAY + 20_000), talk_ms=1000)
    assert merge(over, glimpse) == over
    assert merge(glimpse, over) == over


def test_a_vanished_call_ends_by_estimate() -> None:
    """A call gone while nobody watched: an answered one talked till then, another is unknown."""
    gone_at = MONDAY + 100_000
    talked = vanished(answered(make_call(), ring_ms=4000), gone_at)
    assert (talked.disposition, talked.talk_ms) == (Disposition.ANSWERED, 96_000)
    assert talked.operators == (CallOperator("101", 0, 96_000),)
    rung = vanished(make_call(), gone_at)
    assert (rung.disposition, rung.talk_ms, rung.ended_at) == (Disposition.UNKNOWN, 0, gone_at)
    assert talked.end_estimated
    assert rung.end_estimated
