"""The comparison of the product's record with the truth finds what is wrong, and only that."""

import copy
from typing import Any

import pytest

from tests.asterisk.truth import Truth, differences

_TRUTH: Truth = {
    "case": "queue/linear_second_answers",
    "direction": "inbound",
    "number": "+380501234567",
    "did": "380443004100",
    "disposition": "answered",
    "operators": [
        {"extension": "101", "ring_s": 1.0, "talk_s": 0.0},
        {"extension": "102", "ring_s": 0.5, "talk_s": 0.7},
    ],
    "ring_s": 2.5,
    "talk_s": 0.7,
    "started_at": "2026-11-22T10:00:00.000+00:00",
    "answered_at": "2026-11-22T10:00:03.000+00:00",
    "ended_at": "2026-11-22T10:00:03.700+00:00",
    "endpoints": [
        {"who": "client", "invited_at": 0},
        {"who": "101", "invited_at": 500},
        {"who": "102", "invited_at": 2500},
    ],
}


def _record(**changes: object) -> dict[str, Any]:
    return {**copy.deepcopy(_TRUTH), **changes}


def test_a_true_record_has_no_differences() -> None:
    """Small deviations in time and a + before the DID are no differences."""
    record = _record(did="+380443004100", talk_s=0.75, started_at="2026-11-22T11:00:00.050+01:00")

    assert differences(record, _TRUTH) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "outbound"},
        {"number": None},
        {"number": "380501234567"},
        {"did": "380443004110"},
        {"disposition": "no_answer"},
        {"ring_s": 2.2},
        {"talk_s": 0.0},
        {"started_at": "2026-11-22T10:00:00.200+00:00"},
        {"answered_at": None},
        {"ended_at": None},
        {"operators": []},
        {"operators": _TRUTH["operators"][:1]},
        {"operators": _TRUTH["operators"][::-1]},
        {"operators": [*_TRUTH["operators"], {"extension": "103", "ring_s": 0.0, "talk_s": 0.0}]},
        {"operators": [_TRUTH["operators"][0], {"extension": "102", "ring_s": 0.5, "talk_s": 1.0}]},
    ],
    ids=repr,
)
def test_a_wrong_value_is_one_difference(changes: dict[str, Any]) -> None:
    """Each wrong value is told by its key, and nothing else is."""
    (difference,) = differences(_record(**changes), _TRUTH)

    assert next(iter(changes)).removesuffix("s") in difference or "talk_s of 102" in difference


def test_simultaneous_rings_have_no_order() -> None:
    """Operators who were called within the tolerance may stand in either order."""
    truth = _record(
        endpoints=[{"who": "101", "invited_at": 500}, {"who": "102", "invited_at": 520}]
    )
    record = _record(operators=_TRUTH["operators"][::-1])

    assert differences(record, truth) == []


def test_an_unreachable_operator_may_be_told_but_has_not_rung() -> None:
    """The PBX's vain try at a dead phone may be in the record, without any seconds."""
    truth = _record(unreachable="106")
    tried = {"extension": "106", "ring_s": 0.0, "talk_s": 0.0}

    assert differences(_record(), truth) == []
    assert differences(_record(operators=[*_TRUTH["operators"], tried]), truth) == []
    rang = tried | {"ring_s": 2.0}
    assert differences(_record(operators=[*_TRUTH["operators"], rang]), truth) != []
