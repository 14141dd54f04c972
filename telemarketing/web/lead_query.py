"""A list of leads as its address says it: what is wanted, and where in the list one is.

In: the query of an address. Out: a filter for `storage.leads`, and addresses of the same list
elsewhere. Whatever is not understood is left out, so that an old bookmark still opens a list.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from telemarketing.model.viewer import Viewer
from telemarketing.storage.lead_walks import Place
from telemarketing.storage.leads import LeadFilter
from telemarketing.storage.search import read_search
from telemarketing.web.keys import Office
from telemarketing.web.periods import OWN, Period, read_period

MINE = "mine"
NOBODY = "nobody"
_TYPED_AT_MOST = 200
_PLACE = re.compile(r"(\d{1,15}):(\d{1,18})", re.ASCII)
_ID = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """What an address of the list says; '' and None = nothing."""

    typed: str = ""
    """What is looked for, as it was typed."""
    status_id: int | None = None
    whose: str = ""
    """`MINE`, `NOBODY` or the id of an operator."""
    source_id: int | None = None
    period: Period | None = None
    """In which the lead was made."""
    wants_own_period: bool = False
    """The person is about to give the days."""
    before: Place | None = None
    after: Place | None = None

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything is looked for or filtered."""
        return replace(self, before=None, after=None, wants_own_period=False) != LeadQuery()

    @property
    def filter_count(self) -> int:
        """Count what narrows the list beside what was typed."""
        chosen = (self.status_id, self.whose, self.source_id, self.period)
        return sum(bool(one) for one in chosen)

    @property
    def is_first_page(self) -> bool:
        """Tell whether new leads come in on this page."""
        return self.before is None and self.after is None

    def params(self) -> dict[str, str]:
        """Say it as the query of an address, without what is not narrowed."""
        told = {
            "q": self.typed,
            "status": str(self.status_id or ""),
            "whose": self.whose,
            "source": str(self.source_id or ""),
            **({"period": OWN} if self.wants_own_period else {}),
            **(self.period.query if self.period else {}),
            "before": _told(self.before),
            "after": _told(self.after),
        }
        return {name: value for name, value in told.items() if value}

    def address(self, path: str = "/leads", **other: Any) -> str:  # noqa: ANN401 - fields of this
        """Give the address of the same list, but for the fields that are named."""
        params = replace(self, **other).params()
        return f"{path}?{urlencode(params)}" if params else path

    def wanted(self, viewer: Viewer, office: Office) -> LeadFilter:
        """Give it as a filter of what a viewer may see."""
        whose = viewer.id if self.whose == MINE else self.whose
        return LeadFilter(
            search=read_search(self.typed, office.normalise),
            status_id=self.status_id,
            source_id=self.source_id,
            responsible_id=None if whose in {"", NOBODY} else int(whose),
            unassigned=whose == NOBODY,
            visible_to=viewer,
            since=self.period.since if self.period else None,
            until=self.period.until if self.period else None,
        )


def read_query(query: Mapping[str, str], office: Office, now_ms: int) -> LeadQuery:
    """Understand the query of an address."""
    whose = query.get("whose", "")
    return LeadQuery(
        typed=" ".join(query.get("q", "")[:_TYPED_AT_MOST].split()),
        status_id=read_id(query.get("status", "")),
        whose=whose if whose in {MINE, NOBODY} or _ID.fullmatch(whose) else "",
        source_id=read_id(query.get("source", "")),
        period=read_period(query, office.zone, now_ms),
        wants_own_period=query.get("period") == OWN,
        before=read_place(query.get("before", "")),
        after=read_place(query.get("after", "")),
    )


def read_id(text: str) -> int | None:
    """Give the id in an address; None = there is none."""
    return int(text) if _ID.fullmatch(text) else None


def read_place(text: str) -> Place | None:
    """Give the place in a list that an address names; None = there is none."""
    found = _PLACE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def _told(place: Place | None) -> str:
    return f"{place[0]}:{place[1]}" if place else ""
