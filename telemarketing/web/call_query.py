"""A list of calls as its address says it: what is wanted, and where in the list one is.

In: the query of an address. Out: a filter for `storage.call_pages`, and addresses of the same list
elsewhere. Whatever is not understood is left out, so that an old bookmark still opens a list.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from telemarketing.model.call import Direction, Disposition
from telemarketing.storage.calls import CallFilter, Place
from telemarketing.storage.search import read_search
from telemarketing.web.keys import Office
from telemarketing.web.periods import OWN, Period, read_period

DIRECTIONS = ("outside", *Direction)
RESULTS = ("answered", "short", "long", "unanswered", "no_answer", "busy", "failed", "cancelled")
_WHOLE_NUMBER = 9
"""So many digits are a whole number if they can be one; fewer are a part of some."""
_PLACE = re.compile(r"(\d{1,15}):(\d{1,18})", re.ASCII)
_ID = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CallQuery:
    """What an address of the list says; '' and None = nothing."""

    operator_id: int | None = None
    direction: str = ""
    """One of `DIRECTIONS`."""
    result: str = ""
    """One of `RESULTS`."""
    number: str = ""
    """As it was typed."""
    without_summary: bool = False
    period: Period | None = None
    wants_own_period: bool = False
    """The person is about to give the days."""
    before: Place | None = None
    after: Place | None = None

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything is filtered."""
        return replace(self, before=None, after=None, wants_own_period=False) != CallQuery()

    @property
    def filter_count(self) -> int:
        """Count what narrows the list beside the number."""
        chosen = (self.operator_id, self.direction, self.result, self.without_summary, self.period)
        return sum(bool(one) for one in chosen)

    @property
    def is_first_page(self) -> bool:
        """Tell whether new calls come in on this page."""
        return self.before is None and self.after is None

    def params(self) -> dict[str, str]:
        """Say it as the query of an address, without what is not narrowed."""
        told = {
            "operator": "" if self.operator_id is None else str(self.operator_id),
            "direction": self.direction,
            "result": self.result,
            "number": self.number,
            "summary": "none" if self.without_summary else "",
            **({"period": OWN} if self.wants_own_period else {}),
            **(self.period.query if self.period else {}),
            "before": _told(self.before),
            "after": _told(self.after),
        }
        return {name: value for name, value in told.items() if value}

    def address(self, path: str = "/calls", **other: Any) -> str:  # noqa: ANN401 - fields of this
        """Give the address of the same list, but for the fields that are named."""
        params = replace(self, **other).params()
        return f"{path}?{urlencode(params)}" if params else path

    def wanted(self, office: Office) -> CallFilter:
        """Give it as a filter."""
        digits = re.sub(r"\D", "", self.number, flags=re.ASCII)
        whole = office.normalise(self.number) if len(digits) >= _WHOLE_NUMBER else None
        return CallFilter(
            number=whole,
            digits=_parts(self.number, office) if self.number and not whole else None,
            operator_id=self.operator_id,
            direction=Direction(self.direction) if self.direction in set(Direction) else None,
            outside=self.direction == "outside",
            without_summary=self.without_summary,
            since=self.period.since if self.period else None,
            until=self.period.until if self.period else None,
            **_outcome(self.result, office.short_talk_ms),
        )


def read_query(query: Mapping[str, str], office: Office, now_ms: int) -> CallQuery:
    """Understand the query of an address."""
    return CallQuery(
        operator_id=int(found[0]) if (found := _ID.fullmatch(query.get("operator", ""))) else None,
        direction=_one_of(query.get("direction", ""), DIRECTIONS),
        result=_one_of(query.get("result", ""), RESULTS),
        number=query.get("number", "").strip()[:40],
        without_summary=query.get("summary") == "none",
        period=read_period(query, office.zone, now_ms),
        wants_own_period=query.get("period") == OWN,
        before=_place(query.get("before", "")),
        after=_place(query.get("after", "")),
    )


def _one_of(code: str, codes: tuple[str, ...]) -> str:
    return code if code in codes else ""


def _outcome(result: str, short_talk_ms: int) -> dict[str, Any]:
    if result == "short":
        return {"talk_below_ms": short_talk_ms}
    if result == "long":
        return {"talk_from_ms": short_talk_ms}
    if result in {"answered", "unanswered"}:
        return {"answered": result == "answered"}
    return {"disposition": Disposition(result)} if result else {}


def _parts(typed: str, office: Office) -> tuple[str, ...]:
    """What may stand in a number; () = nothing can, for nothing of it is a digit."""
    search = read_search(typed, office.normalise)
    words = search.words if search else ()
    return tuple(part for readings in words for part in readings if part.isdecimal())


def _place(text: str) -> Place | None:
    found = _PLACE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def _told(place: Place | None) -> str:
    return f"{place[0]}:{place[1]}" if place else ""
