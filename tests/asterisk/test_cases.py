"""The cases themselves: on each Asterisk every one goes as it is meant to."""

import pytest

from tests.asterisk.cases import CASES, place_all
from tests.asterisk.office import Office
from tests.asterisk.pbx import Pbx
from tests.asterisk.truth import Truth

pytestmark = pytest.mark.asterisk


async def test_every_case_goes_as_it_is_meant(office: Office, pbx: Pbx) -> None:
    """What the phones saw of each case agrees with the disposition that was meant."""
    truths = await place_all(CASES.values(), office, pbx.version)

    assert sorted(truth["case"] for truth in truths) == sorted(CASES)
    for truth in truths:
        assert _seen_disposition(truth) == truth["disposition"], truth


def _seen_disposition(truth: Truth) -> str:
    """Tell from the SIP messages alone how it ended."""
    ends = [(part["role"], part["ended_by"], part["code"]) for part in truth["endpoints"]]
    if truth["talk_s"] > 0:
        return "answered"
    if any((role, by) == ("placed", "this") for role, by, _ in ends):
        return "cancelled"
    if any((role, by) == ("called", "this") and code in (486, 603) for role, by, code in ends):
        return "busy"
    if (
        "unreachable" in truth
        or ("called", "other", 487) in ends
        or ("called", "this", 480) in ends
    ):
        return "no_answer"
    return "failed"
