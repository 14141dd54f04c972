"""What people of the demo have written about their clients, and what they have planned.

In: a database with a week of calls. Out: cards, summaries and planned calls, written by the rules
of the product, so that one finds of them what one would find of real ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from telemarketing.crm.call_notes import write_summary
from telemarketing.crm.lead_edits import edit_lead
from telemarketing.crm.planned_calls import Plan, PlannedCalls
from telemarketing.crm.when import Moment
from telemarketing.model.call import Call, Disposition
from telemarketing.model.planned_call import PlannedCall
from telemarketing.model.viewer import Viewer
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from telemarketing.storage.leads import list_statuses
from telemarketing.storage.planned_call_lists import Group, Today, Whose, list_group
from telemarketing.storage.visibility import list_lead_audiences

_CLIENTS = (
    ("аптека Здоровье", "витрина", "Мороз Светлана Петровна", "заведующая", "12 500"),
    ("ТОВ «Агро-Світ»", "холодильна камера", "Бондар Олексій", "директор", "340 000"),
    ("кав'ярня «Зерно»", "кавомашина", "Лисенко Юлія", "власниця", "48 900"),
    ("СТО «Мотор»", "подъёмник", "Гриценко Сергей", "механик", "126 000"),
    ("пекарня «Хліб і сіль»", "піч", "Ткаченко Марія", "технолог", "210 000"),
    ("ФОП Руденко", "стеллажи", "Руденко Виктор Олегович", "ФОП", "18 700"),
    ("школа № 12", "лінійка шаф", "Кравчук Наталія Іванівна", "завгосп", "75 000"),
    ("отель «Днестр»", "прачечная", "Захаров Павел", "управляющий", "415 000"),
    ("магазин «Рыбалка»", "аквариумы", "Савченко Игорь", "ЛПР", "33 000"),
    ("клініка «Усмішка»", "стерилізатор", "Олійник Тетяна", "адміністратор", "92 300"),
)
"""Company, interest, person, position, amount in hryvnias."""

_SHORT = (
    "Занят, попросил перезвонить после обеда.",
    "Неинтересно, уже есть поставщик.",
    "Не ЛПР, будет завтра.",
    "Просив надіслати прайс на пошту.",
    "Автоответчик.",
)
_LONG = (
    "Рассказал о своих требованиях, ждёт общее предложение.",
    "Обговорили розміри та терміни, думає тиждень.",
    "Готов встретиться, дал контакты администратора.",
    "Порівнює з іншою пропозицією, важлива гарантія.",
)
_LONG_TALK_MS = 150_000
_EVERY = 3
"""Of so many clients who talked, one has a card that is filled in."""
_CARD_LIMIT = 16
_SUMMARY_LIMIT = 60
"""The latest ones: each is a transaction of its own, and somebody waits."""
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_REMINDED_AFTER_MS = 40_000
_STILL_MISSED, _STILL_PROPOSED = 2, 2
"""So many of the latest still wait for each person: an office keeps up with the rest."""
_LIST_LIMIT = 500


async def tell_story(
    database: Database,
    sellers: Mapping[str, Viewer],
    planning: PlannedCalls,
    *,
    zone: str,
    remind_before_ms: int,
    now: int,
) -> None:
    """Fill cards, write summaries and plan calls.

    Args:
        database: with calls of a week.
        sellers: who calls, by extension.
        planning: of the same database.
        zone: of the office.
        remind_before_ms: how early it reminds.
        now: epoch milliseconds.
    """
    rng = Random("story")  # noqa: S311 - made-up people
    talks, own = await _talks(database, sellers, now)
    over = [talk for talk in talks if talk.call.ended_at is not None]
    for talk in over[:_SUMMARY_LIMIT]:
        text = rng.choice(_LONG if talk.call.talk_ms > _LONG_TALK_MS else _SHORT)
        await write_summary(database, talk.seller, talk.call_id, text, "", talk.over_at)
    async with database.reading() as tx:
        initial, *later = [str(status.id) for status in await list_statuses(tx)][:4]
    known = [talk for talk in own if talk.call.ended_at is None]
    known += [talk for talk in own if talk.call.ended_at is not None][::_EVERY]
    for number, talk in enumerate(known[:_CARD_LIMIT]):
        status = rng.choice(later) if number % 2 else initial
        await _fill_card(database, talk, _CLIENTS[number % len(_CLIENTS)], status, initial)
    last = sellers[max(sellers)]
    due = [talk.lead_id for talk in own if talk.seller is last]
    plans = (
        (now + remind_before_ms + _REMINDED_AFTER_MS, "Обещал решить за выходные"),
        (now - 2 * _HOUR_MS - 600_000, "Просил набрать, когда будет ЛПР"),
        (now + 3 * _HOUR_MS, ""),
        (now + _DAY_MS, "Після наради"),
        (now + 3 * _DAY_MS, "Отправить общее предложение"),
    )
    await _keep_up(database, sellers, planning, now)
    for lead_id, (due_at, note) in zip(due, plans, strict=False):
        await planning.plan(last, Plan(lead_id, Moment(due_at, has_time=True), zone, note))


async def _keep_up(
    database: Database, sellers: Mapping[str, Viewer], planning: PlannedCalls, now: int
) -> None:
    """Let people have done what the service proposed, but for the latest."""
    day = Today(now, now - _DAY_MS, now + _DAY_MS)

    async def pending(seller: Viewer, group: Group) -> list[PlannedCall]:
        async with database.reading() as tx:
            return await list_group(tx, seller, group, Whose(seller.id), day, _LIST_LIMIT)

    for seller in sellers.values():
        for one in (await pending(seller, Group.MISSED))[:-_STILL_MISSED]:
            await planning.finish(seller, one.id, one.version)
        for one in (await pending(seller, Group.PROPOSED))[:-_STILL_PROPOSED]:
            await planning.drop(seller, one.id, one.version)


@dataclass(frozen=True, slots=True)
class _Talk:
    """A call of the week in which somebody talked with a client, or talks."""

    call_id: int
    call: Call
    lead_id: int
    title: str
    seller: Viewer
    over_at: int
    """Epoch milliseconds; of a live one, now."""


async def _talks(
    database: Database, sellers: Mapping[str, Viewer], now: int
) -> tuple[list[_Talk], list[_Talk]]:
    """All talks, live ones too, and of each lead the first one by whoever answers for it."""
    async with database.reading() as tx:
        found = await list_calls(tx, CallFilter(disposition=Disposition.ANSWERED), 1000)
        lead_ids = {one.lead_id for one in found if one.lead_id is not None}
        audiences = await list_lead_audiences(tx, lead_ids)
    talks = [
        _Talk(one.id, one.call, one.lead_id, one.lead_title, seller, one.call.ended_at or now)
        for one in found
        if (seller := sellers.get(one.call.answered_by or ""))
        and one.lead_id is not None
        and one.lead_title is not None
    ]
    own = {
        talk.lead_id: talk
        for talk in talks
        if audiences[talk.lead_id].responsible_id == talk.seller.id
    }
    return talks, list(own.values())


async def _fill_card(
    database: Database, talk: _Talk, client: Sequence[str], status: str, initial: str
) -> None:
    company, interest, person, position, amount = client
    written = (
        ("company", company, ""),
        ("interest", interest, ""),
        ("person_name", person, ""),
        ("position", position, ""),
        ("amount", f"{amount} грн", ""),
        ("title", f"{company} – {interest}", talk.title),
        ("status", status, initial),
    )
    for field, value, was in written:
        await edit_lead(database, talk.seller, talk.lead_id, field, value, was, talk.over_at)
