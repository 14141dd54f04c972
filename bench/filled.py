"""A database of years of work, made in minutes: what every page of the panel is measured on.

In: an address of a migrated, empty database, and how many leads and calls. Out: the same database
with people, leads, calls and search texts. Rows are made by statements of the database itself, for
the program's own way, a transaction a call, would take a day; the texts are as `storage.search`
folds them.
"""

# ruff: noqa: S608 - nothing in these statements comes from outside

import argparse
import asyncio
import time

from sqlalchemy import text

from telemarketing.crm.operators import add_operator
from telemarketing.model.operator import Role
from telemarketing.storage.address import Address, Purpose
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.migrate import migrate
from telemarketing.storage.search import fold

DEPARTMENTS = ("Продажи", "Поддержка", "Опт")
OPERATORS_EACH = 10
FIRST_AT = 1_700_000_000_000
"""When the first lead was made, 2023-11-14."""
LEAD_EVERY_MS = 90_000
"""A million leads make 2.9 years."""

_WORDS = {
    "family": (
        "Иваненко Петренко Сидоренко Коваленко Шевченко Бондаренко Ткаченко Кравченко Олійник"
        " Шевчук Коваль Поліщук Бондар Ткачук Мороз Марченко Лысенко Руденко Савченко Павленко"
        " Клименко Семёнов Королёв Воробьёв Соловьёв Лук'яненко Дем'янчук Гончаренко Мельник Захарченко"
    ),
    "first": (
        "Олена Ганна Оксана Наталія Ірина Тетяна Андрій Сергій Олег Ігор Василь Богдан Пётр Семён"
        " Фёдор Артём Анна Мария Ольга Юлия Дмитро Микола Роман Тарас Віктор Павел Кирилл Лев Яна"
        " Зоя"
    ),
    "company": (
        "Ромашка Світанок Меридіан Горизонт Сантехбуд Агротрейд Будівельник Вікна Комфорт"
        " Медтехніка Енергосервіс Хлібодар Транслогістик Профіль Металург Автодім Електрон Кристал"
        " Фармація Джерело Обрій Технополіс Інтерсервіс Маркет Океан Верес Каскад Піраміда Атлант Прогрес"
    ),
    "interest": "окна двери крыша насос котёл кабель плитка мебель доставка монтаж",
}

# The n-th of all numbers, shaken: both databases count it alike, in 64 bits.
_SHAKEN = "(({n} * 2654435761 + {salt} * 40503) % 4294967296) / 65536"


def shaken(salt: int, below: int, n: str = "n") -> str:
    """Say in SQL a number from 0 to `below` - 1 that looks random and is always the same."""
    return f"({_SHAKEN.format(n=n, salt=salt)} % {below})"


async def fill(url: str, leads: int, calls: int) -> None:
    """Fill a migrated, empty database.

    Args:
        url: see `Database`.
        leads: how many; a third has nothing but its number.
        calls: how many, a quarter of them with the newest tenth of the leads.
    """
    database = Database(url)
    await database.open()
    for department in DEPARTMENTS:
        for role in (Role.SUPERVISOR, *(Role.OPERATOR,) * OPERATORS_EACH):
            await add_operator(
                database,
                full_name=f"{department} {role.value}",
                extensions=(),
                valid_from=FIRST_AT,
                department=department,
                role=role,
            )
    await database.close()
    # As migrations do, without foreign keys and without a limit of time.
    engine = Address(url).engine(Purpose.MIGRATING, 1)
    async with engine.begin() as tx:
        await _add_words(tx)
        for statement in (*_lead_statements(leads), *_call_statements(calls, leads)):
            began = time.monotonic()
            await tx.exec_driver_sql(statement)
            print(f"{time.monotonic() - began:6.1f} s  {' '.join(statement.split())[:60]}")
        await tx.exec_driver_sql("DROP TABLE bench_words")
    async with engine.begin() as tx:
        await tx.exec_driver_sql("ANALYZE")
    await engine.dispose()


async def _add_words(tx: Transaction) -> None:
    await tx.exec_driver_sql(
        "CREATE TABLE bench_words (kind text, place integer, word text, folded text,"
        " PRIMARY KEY (kind, place))"
    )
    await tx.execute(
        text("INSERT INTO bench_words VALUES (:kind, :place, :word, :folded)"),
        [
            {"kind": kind, "place": place, "word": word, "folded": fold(word)}
            for kind, words in _WORDS.items()
            for place, word in enumerate(words.split())
        ],
    )


def _numbers(count: int) -> str:
    return (
        "WITH RECURSIVE numbers (n) AS"
        f" (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
    )


_OPERATOR_COUNT = len(DEPARTMENTS) * (OPERATORS_EACH + 1)
_PHONE = f"'+380' || (500000000 + {shaken(1, 65536)} * 6400 + {shaken(2, 6400)})"
"""Two leads may get one number: the second of them then goes without."""


def _lead_statements(leads: int) -> tuple[str, ...]:
    named = "CASE WHEN n % 3 = 0 THEN '' ELSE {} END"
    person = named.format("family.word || ' ' || first.word")
    company = named.format(f"company.word || ' ' || {shaken(7, 900)}")
    return (
        "CREATE TABLE bench_leads AS "
        + _numbers(leads)
        + f"""
        SELECT n AS id, {_PHONE} AS phone, {person} AS person_name, {company} AS company,
          CASE WHEN n % 3 = 0 THEN '' ELSE interest.word END AS interest,
          CASE WHEN n % 3 = 0 THEN '' ELSE lower(
            'mail' || n || '@example.org') END AS email,
          CASE WHEN n % 3 = 0 THEN '' ELSE family.folded || ' ' || first.folded || '\n'
            || company.folded || ' ' || {shaken(7, 900)} || '\n' || interest.folded || '\n'
            || 'mail' || n || '@example.org' END AS folded,
          1 + {shaken(8, 12)} % 6 AS status_id, 1 + {shaken(9, 2)} AS source_id,
          CASE WHEN {shaken(10, 7)} = 0 THEN NULL
            ELSE 1 + {shaken(11, _OPERATOR_COUNT)} END AS responsible_id,
          {FIRST_AT} + n * {LEAD_EVERY_MS} AS created_at
        FROM numbers
        JOIN bench_words AS family ON family.kind = 'family' AND family.place = {shaken(3, 30)}
        JOIN bench_words AS first ON first.kind = 'first' AND first.place = {shaken(4, 30)}
        JOIN bench_words AS company ON company.kind = 'company' AND company.place = {shaken(5, 30)}
        JOIN bench_words AS interest
          ON interest.kind = 'interest' AND interest.place = {shaken(6, 10)}""",
        """INSERT INTO leads (id, title, phone, status_id, source_id, responsible_id,
          responsible_settled, created_at, person_name, company, interest, email)
        SELECT id, CASE WHEN company = '' THEN phone ELSE company || ' – ' || interest END, phone,
          status_id, source_id, responsible_id, true, created_at, person_name, company, interest,
          email FROM bench_leads ORDER BY id""",
        """INSERT INTO phones (number, lead_id)
        SELECT phone, min(id) FROM bench_leads GROUP BY phone ORDER BY phone""",
        """INSERT INTO lead_texts (lead_id, folded)
        SELECT id, phone || CASE WHEN folded = '' THEN '' ELSE '\n' || folded END
        FROM bench_leads ORDER BY id""",
        "DROP TABLE bench_leads",
    )


def _call_statements(calls: int, leads: int) -> tuple[str, ...]:
    newest = f"{leads} - {shaken(20, 65536)} * {leads} / 655360"
    any_lead = f"1 + ({shaken(21, 65536)} * 65536 + {shaken(22, 65536)}) % {leads}"
    # Of nobody's lead, its own number chooses who talked: the same person as a rule.
    person = f"coalesce(leads.responsible_id, 1 + leads.id % {_OPERATOR_COUNT})"
    anybody = f"1 + {shaken(27, _OPERATOR_COUNT, 'calls.id')}"
    return (
        _numbers(calls)
        + f"""
        INSERT INTO calls (id, pbx, linkedid, lead_id, direction, number, raw_number, withheld,
          placed_by, answered_by, disposition, started_at, answered_at, ended_at, ring_ms, talk_ms,
          hangup_cause, transferred, seen_from_start, end_estimated)
        SELECT n, 'main', '1700000000.' || n, leads.id,
          CASE WHEN n % 3 = 0 THEN 'inbound' ELSE 'outbound' END, leads.phone, leads.phone, false,
          NULL, NULL, CASE WHEN answered THEN 'answered' ELSE 'no_answer' END, started_at,
          CASE WHEN answered THEN started_at + 9000 END, started_at + 9000 + talk_ms, 9000,
          CASE WHEN answered THEN talk_ms ELSE 0 END, 16, false, true, false
        FROM (SELECT n, {shaken(23, 10)} < 6 AS answered, 1000 * {shaken(24, 900)} AS talk_ms,
            {FIRST_AT} + n * {LEAD_EVERY_MS} / {max(calls // leads, 1)} AS started_at,
            CASE WHEN n % 4 = 0 THEN {newest} ELSE {any_lead} END AS lead_id
          FROM numbers) AS made
        JOIN leads ON leads.id = made.lead_id""",
        f"""
        INSERT INTO call_operators
          (call_id, position, extension, operator_id, ring_ms, talk_ms, started_at)
        SELECT calls.id, 0, '101', CASE WHEN calls.id % 8 = 0 THEN {anybody}
          ELSE {person} END, 0, calls.talk_ms, calls.started_at
        FROM calls JOIN leads ON leads.id = calls.lead_id ORDER BY calls.id""",
        """INSERT INTO lead_participants (operator_id, lead_id, lead_created_at)
        SELECT DISTINCT call_operators.operator_id, calls.lead_id, leads.created_at
        FROM calls JOIN call_operators ON call_operators.call_id = calls.id
        JOIN leads ON leads.id = calls.lead_id
        ORDER BY calls.lead_id""",
    )


def main() -> None:
    """Make and fill a database: `python -m bench.filled sqlite:////dev/shm/filled.db`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("url")
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=5_000_000)
    arguments = parser.parse_args()
    migrate(arguments.url)
    asyncio.run(fill(arguments.url, arguments.leads, arguments.calls))


if __name__ == "__main__":
    main()
