"""The rows of a filled database, as statements that both databases understand.

In: how many leads and calls, and until when. Out: SQL text, in the order in which it has to run on
a migrated database in which `PEOPLE_COUNT` people work. What looks random is the same each time.
"""

# ruff: noqa: S608 - nothing in these statements comes from outside

from dataclasses import dataclass

from telemarketing.storage.search import fold

DEPARTMENTS = ("Продажи", "Поддержка", "Опт")
OPERATORS_EACH = 10
PEOPLE_COUNT = len(DEPARTMENTS) * (OPERATORS_EACH + 1)
"""Ids 1 to this: of each department its supervisor, then its operators."""
FIRST_EXTENSION = 100
"""The extension of a person is this plus the id."""
LEAD_EVERY_MS = 90_000
"""A million leads make 2.9 years; fewer are an office that began later, with days as full."""
LIVE_CALLS = 12
PENDING_LEADS = 4_000
"""Every other one of the newest leads is to be called back."""

DAY_MS = 86_400_000

_WORDS = {
    "family": (
        "Иваненко Петренко Сидоренко Коваленко Шевченко Бондаренко Ткаченко Кравченко Олійник"
        " Шевчук Коваль Поліщук Бондар Ткачук Мороз Марченко Лысенко Руденко Савченко Павленко"
        " Клименко Семёнов Королёв Воробьёв Соловьёв"
        " Лук'яненко Дем'янчук Гончаренко Мельник Захарченко"
    ),
    "first": (
        "Олена Ганна Оксана Наталія Ірина Тетяна Андрій Сергій Олег Ігор Василь Богдан Пётр Семён"
        " Фёдор Артём Анна Мария Ольга Юлия Дмитро Микола Роман Тарас Віктор Павел Кирилл Лев Яна"
        " Зоя"
    ),
    "company": (
        "Ромашка Світанок Меридіан Горизонт Сантехбуд Агротрейд Будівельник Вікна Комфорт"
        " Медтехніка Енергосервіс Хлібодар Транслогістик Профіль Металург Автодім Електрон Кристал"
        " Фармація Джерело Обрій Технополіс Інтерсервіс Маркет Океан Верес"
        " Каскад Піраміда Атлант Прогрес"
    ),
    "interest": "окна двери крыша насос котёл кабель плитка мебель доставка монтаж",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to be in the database."""

    leads: int
    calls: int
    until: int
    """Epoch milliseconds: the last lead and the last call are of that moment."""

    @property
    def first_at(self) -> int:
        """When the office opened."""
        return self.until - self.leads * LEAD_EVERY_MS

    @property
    def call_every_ms(self) -> int:
        """Time between the beginnings of two calls."""
        return LEAD_EVERY_MS * self.leads // self.calls


def shaken(salt: int, below: int, n: str = "n") -> str:
    """Say in SQL a number from 0 to `below` - 1 that looks random and is always the same.

    The n-th of all numbers, shaken: both databases count it alike, in 64 bits.
    """
    return f"((({n} * 2654435761 + {salt} * 40503) % 4294967296) / 65536 % {below})"


def statements(size: Size, numbers: str) -> tuple[str, ...]:
    """Give all of them.

    Args:
        size: how much.
        numbers: `WITH numbers (n)`, from 1 to `{count}`, as the database makes them best.
    """
    return (
        *_word_statements(),
        *_lead_statements(size, numbers.format(count=size.leads)),
        "ANALYZE",
        *_call_statements(size, numbers.format(count=size.calls)),
        *_work_statements(size),
        "DROP TABLE bench_words",
    )


def _word_statements() -> tuple[str, ...]:
    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    rows = ", ".join(
        f"('{kind}', {place}, {quoted(word)}, {quoted(fold(word))})"
        for kind, words in _WORDS.items()
        for place, word in enumerate(words.split())
    )
    return (
        """CREATE TEMPORARY TABLE bench_words
          (kind text, place integer, word text, folded text, PRIMARY KEY (kind, place))""",
        f"INSERT INTO bench_words VALUES {rows}",
    )


_PHONE = f"'+380' || (500000000 + {shaken(1, 65536)} * 6400 + {shaken(2, 6400)})"
"""Two leads may get one number: the second of them then goes without."""


def _lead_statements(size: Size, numbers: str) -> tuple[str, ...]:
    # A third of the leads has nothing but its number.
    named = "CASE WHEN n % 3 = 0 THEN '' ELSE {} END"
    person = named.format("family.word || ' ' || first.word")
    company = named.format(f"company.word || ' ' || {shaken(7, 900)}")
    return (
        f"""CREATE TEMPORARY TABLE bench_leads AS {numbers}
        SELECT n AS id, {_PHONE} AS phone, {person} AS person_name, {company} AS company,
          {named.format("interest.word")} AS interest,
          {named.format("'mail' || n || '@example.org'")} AS email,
          CASE WHEN n % 3 = 0 THEN '' ELSE family.folded || ' ' || first.folded || '\n'
            || company.folded || ' ' || {shaken(7, 900)} || '\n' || interest.folded || '\n'
            || 'mail' || n || '@example.org' END AS folded,
          1 + {shaken(8, 12)} % 6 AS status_id, 1 + {shaken(9, 2)} AS source_id,
          CASE WHEN {shaken(10, 7)} = 0 THEN NULL
            ELSE 1 + {shaken(11, PEOPLE_COUNT)} END AS responsible_id,
          {size.first_at} + n * {LEAD_EVERY_MS} AS created_at
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


def _call_statements(size: Size, numbers: str) -> tuple[str, ...]:
    """Calls of leads, a quarter of them with the newest tenth; what was said is recorded."""
    leads = size.leads
    newest = f"{leads} - {shaken(20, 65536)} * {leads} / 655360"
    any_lead = f"1 + ({shaken(21, 65536)} * 65536 + {shaken(22, 65536)}) % {leads}"
    # As a rule the responsible talks; of nobody's lead, its own number chooses who does.
    person = f"""CASE WHEN n % 8 = 0 THEN 1 + {shaken(27, PEOPLE_COUNT)}
      ELSE coalesce(leads.responsible_id, 1 + leads.id % {PEOPLE_COUNT}) END"""
    extension = f"CAST({FIRST_EXTENSION} + person_id AS text)"
    return (
        f"""CREATE TEMPORARY TABLE bench_calls AS {numbers}
        SELECT n, leads.id AS lead_id, leads.phone, {person} AS person_id, answered, talk_ms,
          {size.until} - ({size.calls} - n) * {size.call_every_ms} - 15000 AS started_at,
          n % 3 = 0 AS inbound
        FROM (SELECT n, {shaken(23, 10)} < 6 AS answered, 1000 * {shaken(24, 900)} AS talk_ms,
            CASE WHEN n % 4 = 0 THEN {newest} ELSE {any_lead} END AS lead_id
          FROM numbers) AS made
        JOIN leads ON leads.id = made.lead_id""",
        f"""
        INSERT INTO calls (id, pbx, linkedid, lead_id, direction, number, raw_number, withheld,
          placed_by, answered_by, disposition, started_at, answered_at, ended_at, ring_ms, talk_ms,
          hangup_cause, transferred, seen_from_start, end_estimated)
        SELECT n, 'bench', '1700000000.' || (10000000 + n), lead_id,
          CASE WHEN inbound THEN 'inbound' ELSE 'outbound' END, phone, phone, false,
          CASE WHEN NOT inbound THEN {extension} END,
          CASE WHEN inbound AND answered THEN {extension} END,
          CASE WHEN answered THEN 'answered' ELSE 'no_answer' END, started_at,
          CASE WHEN answered THEN started_at + 9000 END,
          started_at + 9000 + CASE WHEN answered THEN talk_ms ELSE 0 END, 9000,
          CASE WHEN answered THEN talk_ms ELSE 0 END, 16, false, true, false
        FROM bench_calls ORDER BY n""",
        f"""
        INSERT INTO call_operators
          (call_id, position, extension, operator_id, ring_ms, talk_ms, started_at)
        SELECT n, 0, {extension}, person_id, CASE WHEN inbound THEN 9000 ELSE 0 END,
          CASE WHEN answered THEN talk_ms ELSE 0 END, started_at FROM bench_calls ORDER BY n""",
        """
        INSERT INTO lead_participants (operator_id, lead_id, lead_created_at)
        SELECT talked.person_id, talked.lead_id, leads.created_at
        FROM (SELECT DISTINCT lead_id, person_id FROM bench_calls) AS talked
        JOIN leads ON leads.id = talked.lead_id ORDER BY talked.lead_id""",
        """
        INSERT INTO call_recordings
          (call_id, position, path, state, file, size_bytes, duration_ms, looked_at)
        SELECT n, 0, 'bench/' || n || '.wav', 'ready', '/bench/' || n || '.wav', 16 * talk_ms,
          talk_ms, started_at + 9000 + talk_ms FROM bench_calls WHERE answered ORDER BY n""",
        """
        INSERT INTO call_notes (call_id, summary, operator_id, written_at, version)
        SELECT n, 'Просил перезвонить, когда вернётся директор; интересна цена за партию.',
          person_id, started_at + 9000 + talk_ms, 1
        FROM bench_calls WHERE answered AND n % 3 = 1 ORDER BY n""",
        f"""
        UPDATE calls SET ended_at = NULL, disposition = 'unknown', hangup_cause = NULL, talk_ms = 0
        WHERE id > {size.calls - LIVE_CALLS}""",
        "DROP TABLE bench_calls",
    )


def _work_statements(size: Size) -> tuple[str, ...]:
    """Callbacks that wait, callbacks that were made, and what people changed on cards."""
    due_at = f"{size.until} + ({shaken(31, 340, 'id')} - 60) * 3600000"
    kind = (
        f"CASE {shaken(32, 10, 'id')} WHEN 0 THEN 'missed' WHEN 1 THEN 'retry' ELSE 'planned' END"
    )
    columns = """INSERT INTO planned_calls
      (lead_id, operator_id, kind, state, due_at, has_time, zone, note, created_at, closed_at)"""
    return (
        f"""{columns}
        SELECT id, responsible_id, kind, CASE kind WHEN 'retry' THEN 'proposed' ELSE 'open' END,
          CASE kind WHEN 'missed' THEN created_at ELSE due_at END, true, 'Europe/Kyiv',
          CASE kind WHEN 'planned' THEN 'Спросить о договоре' ELSE '' END, created_at, NULL
        FROM (SELECT id, responsible_id, created_at, {kind} AS kind, {due_at} AS due_at
          FROM leads WHERE id > {size.leads - PENDING_LEADS} AND id % 2 = 0) AS pending""",
        f"""{columns}
        SELECT id, responsible_id, 'planned', 'done', created_at + {DAY_MS}, true, 'Europe/Kyiv',
          'Спросить о договоре', created_at, created_at + {DAY_MS}
        FROM leads WHERE id <= {size.leads - PENDING_LEADS} AND id % 5 = 0""",
        """INSERT INTO lead_edits (lead_id, operator_id, edited_at, field, before, after)
        SELECT id, responsible_id, created_at + 60000, 'interest', '[""]',
          '["' || interest || '"]'
        FROM leads WHERE id % 4 = 1 AND interest <> '' AND responsible_id IS NOT NULL""",
    )
