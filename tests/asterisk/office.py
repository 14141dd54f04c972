"""The people around one PBX: operators with their phones, clients behind the provider.

In: a running PBX. Out: departments, in each of which one case at a time can be placed; cases of
different departments may run at once, for they share no phone, no queue and no number.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count

from tests.asterisk.pbx import DEPARTMENTS, Pbx
from tests.asterisk.phone import Call, Phone, PlacedCall, ReceivedCall, Script, ringing_for_ever
from tests.asterisk.truth import Participation

SHARED_DIDS = (
    "",
    "",
    "group",
    "ringall",
    "linear",
    "freepbx",
    "ivr",
    "local",
    "local_n",
    "nobody",
)
"""By the digit that tells them apart; 1 is an operator's own."""

_FIRST_CLIENT = 501_000_001
_NATIONAL_DIGITS = 9


class Client:
    """A person outside, reached through the provider.

    Args:
        number: E.164.
        script: what they do when somebody of ours calls.
    """

    def __init__(self, provider: Phone, number: str, script: Script) -> None:
        self.number = number
        self.script = script
        self.calls: list[Call] = []
        """Their calls, as the provider's side saw them."""
        self._provider = provider

    @property
    def national(self) -> str:
        """The number as it is dialled inside the country, `0501234567`."""
        return "0" + self.number[-_NATIONAL_DIGITS:]

    def call(self, did: str, *, shown_as: str | None = None) -> PlacedCall:
        """Call one of our numbers and return at once.

        Args:
            did: our number.
            shown_as: the From header; None = the number without its +, as providers send it.
        """
        caller = shown_as or f"<sip:{self.number.removeprefix('+')}@{self._provider.host}>"
        call = self._provider.call(did, caller=caller)
        self.calls.append(call)
        return call


class Department:
    """Four operators with phones, a ring group, queues and DIDs of their own.

    Args:
        office: the office it belongs to.
        number: 0-7.
        phones: of the operators, the first one's first.
    """

    def __init__(self, office: "Office", number: int, phones: list[Phone]) -> None:
        self.number = number
        self._office = office
        self._phones = phones
        self._clients: list[Client] = []

    def operator(self, place: int) -> Phone:
        """Return the phone of operator 1, 2, 3 or 4."""
        return self._phones[place - 1]

    def extension(self, place: int) -> str:
        """Return an extension; nobody answers at 5 (never registered) and 6 (switched off)."""
        return f"1{self.number}{place}"

    def client(self, script: Script = ringing_for_ever) -> Client:
        """Let there be a client whom nobody has called yet."""
        client = self._office.new_client(script)
        self._clients.append(client)
        return client

    def direct_did(self, place: int) -> str:
        """Return the number that leads to one operator."""
        return f"380443001{self.extension(place)}"

    def shared_did(self, kind: str) -> str:
        """Return the number of a ring group, a queue, the IVR, or of `nobody`."""
        digit = SHARED_DIDS.index(kind)
        return f"38044300{digit}1{self.number}0"

    def participations(self) -> list[Participation]:
        """Every call that this department's phones and clients have had."""
        ours = [Participation(phone.user, call) for phone in self._phones for call in phone.calls]
        theirs = [Participation("client", call) for each in self._clients for call in each.calls]
        return ours + theirs

    async def settled(self) -> None:
        """Wait until every call is over at every phone."""
        for participation in self.participations():
            await participation.call.ended()

    def begin(self) -> None:
        """Forget what was: everybody sits at a phone that rings, and nobody has called."""
        self._clients.clear()
        for phone in self._phones:
            phone.forget()


class Office:
    """All departments and the provider; made by `open_office`.

    Args:
        provider: the phone that stands for the whole outside world.
    """

    def __init__(self, provider: Phone) -> None:
        self.provider = provider
        self.departments: list[Department] = []
        self._clients: dict[str, Client] = {}
        self._numbers = count(_FIRST_CLIENT)
        provider.script = self._answer_as_client

    def new_client(self, script: Script) -> Client:
        """Let there be a client with a Ukrainian mobile number that nobody else has."""
        national = str(next(self._numbers))
        client = Client(self.provider, f"+380{national}", script)
        self._clients[national] = client
        return client

    async def _answer_as_client(self, call: ReceivedCall) -> None:
        client = self._clients.get(call.dialled[-_NATIONAL_DIGITS:])
        if client is None:
            call.refuse(404)
            return
        client.calls.append(call)
        await client.script(call)


@asynccontextmanager
async def open_office(pbx: Pbx) -> AsyncIterator[Office]:
    """Put a phone at every address that the PBX knows, for as long as the context lasts."""
    async with AsyncExitStack() as stack:

        async def phone(user: str, last_octet: int) -> Phone:
            opened = await Phone.open(user, f"{pbx.network}.{last_octet}", pbx.host)
            stack.push_async_callback(opened.close)
            return opened

        office = Office(await phone("provider", 200))
        for number in DEPARTMENTS:
            extensions = [f"1{number}{place}" for place in range(1, 5)]
            phones = await asyncio.gather(*(phone(each, int(each)) for each in extensions))
            office.departments.append(Department(office, number, phones))
        yield office
