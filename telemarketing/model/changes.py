"""Facts in the past tense, published only after they are stored."""

from dataclasses import dataclass

from telemarketing.model.call import Call


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call has been understood for the first time; as a rule the phone is still ringing."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallChanged:
    """Something more is known of a live call: its number, another phone rung, a recording."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The two parties talk for the first time."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last channel of the call is gone; nothing more will come."""

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
