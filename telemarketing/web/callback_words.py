"""When to call, as forms tell it and as people read it.

In: the fields of a form, or what was understood of them. Out: a moment or why there is none, and
sentences in the reader's language. It reads no database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from telemarketing.crm.when import Moment, Problem, moment_of, read_when
from telemarketing.crm.working_hours import ClockChange
from telemarketing.web.formats import Formats
from telemarketing.web.languages import translations
from telemarketing.web.lead_query import read_id


@dataclass(frozen=True, slots=True)
class WhenForm:
    """What stands in a form that asks when to call; '' = nothing."""

    typed: str = ""
    on: str = ""
    """A date, `2026-11-26`."""
    at: str = ""
    """A time of day, `14:30`."""
    note: str = ""
    operator_id: str = ""
    problem: str | None = None
    """The sentence of a refusal."""

    def refused(self, problem: str) -> "WhenForm":
        """Return the same with the sentence of its refusal."""
        return replace(self, problem=problem)

    @property
    def wanted_operator(self) -> int | None:
        """Whose work it shall be; None = nobody was chosen, 0 = nobody who can be."""
        return (read_id(self.operator_id) or 0) if self.operator_id else None


def read_form(fields: Mapping[str, object]) -> WhenForm:
    """Take what was typed, to be shown again if it is refused."""
    texts = {name: str(fields.get(name, "")) for name in ("typed", "on", "at", "note")}
    return WhenForm(**texts, operator_id=str(fields.get("operator", "")))


def read_moment(chip: str, form: WhenForm, formats: Formats) -> Moment | Problem:
    """Find out when: a pressed chip, else the typed text, else the fields of date and time."""
    if text := chip or form.typed:
        return read_when(text, formats.now_ms, formats.zone)
    if not form.on:
        return Problem.EMPTY
    try:
        day, at = date.fromisoformat(form.on), time.fromisoformat(form.at) if form.at else None
    except ValueError:
        return Problem.NOT_UNDERSTOOD
    return moment_of(day, at, formats.now_ms, formats.zone)


def say_problem(problem: Problem, language: str) -> str:
    """Say why a text cannot be planned for, and what to write instead."""
    _ = translations(language).gettext
    sentences = {
        Problem.EMPTY: _("Say when: press one of the buttons, or type a day and a time."),
        Problem.NOT_UNDERSTOOD: _(
            "Not understood. Write like “thu 14:30”, “tomorrow at 10”, “in 2 h” or “25.11 9:00”."
        ),
        Problem.NO_SUCH_DAY: _("There is no such day in the calendar."),
        Problem.PAST: _("That is over already. Choose a time to come."),
        Problem.TOO_FAR: _("That is more than two years ahead. Choose an earlier day."),
    }
    return sentences[problem]


def say_moment(moment: Moment, formats: Formats) -> str:
    """Say what was understood, `Thursday, 26 November, 14:30`, and what the clocks do then."""
    _ = translations(formats.language).gettext
    day = formats.long_day(formats.local(moment.due_at).date())
    if not moment.has_time:
        return _("%(day)s, any time") % {"day": day}
    said = f"{day}, {formats.clock(moment.due_at)}"
    if moment.clock_change is ClockChange.SKIPPED:
        return f"{said} {_('(the clocks skip the time you wrote)')}"
    if moment.clock_change is ClockChange.REPEATED:
        return f"{said} {_('(it comes twice that night; the first is meant)')}"
    return said


def say_planned(due_at: int, has_time: bool, formats: Formats) -> str:
    """Say briefly when a call is planned for: `tomorrow 10:00`, or `tomorrow` alone."""
    return formats.moment(due_at) if has_time else formats.near_day(due_at)
