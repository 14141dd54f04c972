"""Facts in the past tense, published only after they are stored."""

from dataclasses import dataclass

from telemarketing.model.call import Call


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call has been understood for the first time; as a rule the phone is still ringing."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallChanged:
    """Something more is known of a live call: its number, another phone rung, a recording.

    Of a call that has ended only a recording: the PBX's log may name it some milliseconds later.
    """

    call: Call


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The two parties talk for the first time."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last channel of the call is gone; nothing more will come but a recording's name."""

    call: Call


CallFact = CallStarted | CallChanged | CallAnswered | CallEnded


@dataclass(frozen=True, slots=True)
class LeadCreated:
    """A new lead stands in the database."""

    lead_id: int
    phone: str
    pbx: str
    linkedid: str


@dataclass(frozen=True, slots=True)
class LeadChanged:
    """A lead has a new call, or another responsible."""

    lead_id: int


LeadFact = LeadCreated | LeadChanged


@dataclass(frozen=True, slots=True)
class PlannedCallsChanged:
    """What is to be done for a lead has changed: planned, moved, closed, proposed."""

    lead_id: int


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    """A file of a stored call has been found, or given up."""

    call_id: int
    lead_id: int | None


@dataclass(frozen=True, slots=True)
class NoticesChanged:
    """A reminder has fired for a person, or the person has seen it."""

    operator_id: int


CallConsequence = LeadFact | PlannedCallsChanged | NoticesChanged
"""What storing calls changes beside the calls."""


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The connection to a PBX was made or lost."""

    pbx: str


Change = CallFact | LeadFact | PlannedCallsChanged | RecordingChanged | NoticesChanged | LinkChanged
"""Everything that open panels may want to know of."""
