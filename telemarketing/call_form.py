"""The public form of a call: one JSON object, the same from `replay` and `calls --json`.

In: a `Call`. Out: a dict whose keys are always all there; None means known to be absent.
"""

from typing import Any

from telemarketing.clock import to_iso, to_iso_or_none
from telemarketing.model.call import Call


def call_form(call: Call) -> dict[str, Any]:
    """Give the public form: times in ISO 8601 with zone, durations in seconds."""
    return {
        "pbx": call.pbx,
        "linkedid": call.linkedid,
        "direction": call.direction.value,
        "number": call.number,
        "raw_number": call.raw_number,
        "did": call.did,
        "operators": [
            {
                "extension": operator.extension,
                "ring_s": operator.ring_ms / 1000,
                "talk_s": operator.talk_ms / 1000,
            }
            for operator in call.operators
        ],
        "disposition": call.disposition.value,
        "ring_s": call.ring_ms / 1000,
        "talk_s": call.talk_ms / 1000,
        "started_at": to_iso(call.started_at),
        "answered_at": to_iso_or_none(call.answered_at),
        "ended_at": to_iso_or_none(call.ended_at),
        "hangup_cause": call.hangup_cause,
        "transferred": call.transferred,
        "recordings": list(call.recordings),
        "withheld": call.withheld,
        "seen_from_start": call.seen_from_start,
        "end_estimated": call.end_estimated,
    }
