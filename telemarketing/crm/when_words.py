"""The words in which people say when to call, in Russian, Ukrainian and English.

In: nothing. Out: patterns for `when.py`, all of folded text: small letters, `е` for `ё`, one kind
of apostrophe, single blanks. It knows no calendar.
"""

import re

_BEFORE_DAY = (
    r"(?:(?:в|во|на|у|on|for)\s+)?"
    r"(?:(?:эт(?:от|у|о)|ближайш\w+|следующ\w+|наступн\w+|цей|цю|this|next)\s+)?"
)
_BEFORE_TIME = r"(?:в|во|на|к|о|об|у|at|@)\s*"

TODAY = re.compile(r"(?:на\s+)?(?:сегодня|сьогодні|today)\b")
TOMORROW = re.compile(r"(?:на\s+)?(?:завтра|tomorrow)\b")
DAY_AFTER = re.compile(r"(?:на\s+)?(?:послезавтра|післязавтра|(?:the\s+)?day after tomorrow)\b")
NEXT_WEEK = re.compile(
    r"(?:на\s+следующей\s+неделе|на\s+наступному\s+тижні|наступного\s+тижня|next\s+week)\b"
)
WEEKDAY = re.compile(
    _BEFORE_DAY
    + r"(?:(?P<d1>пн|понедельник|понеділок|mon(?:day)?)|(?P<d2>вт|вторник|вівторок|tue(?:s|sday)?)"
    r"|(?P<d3>ср|сред[ау]|серед[ау]|wed(?:nesday)?)|(?P<d4>чт|четверг|четвер|thu(?:r|rs|rsday)?)"
    r"|(?P<d5>пт|пятниц[ау]|п'ятниц[яю]|fri(?:day)?)|(?P<d6>сб|суббот[ау]|субот[ау]|sat(?:urday)?)"
    r"|(?P<d7>вс|воскресенье|нд|неділ[яю]|sun(?:day)?))\b\.?"
)

_MONTHS = (
    "янв|січ|jan",
    "фев|лют|feb",
    "мар|бер|mar",
    "апр|кві|apr",
    "ма[йя]|тра|may",
    "июн|чер|jun",
    "июл|лип|jul",
    "авг|сер|aug",
    "сен|вер|sep",
    "окт|жов|oct",
    "ноя|лис|nov",
    "дек|гру|dec",
)
_MONTH = "|".join(rf"(?P<m{number}>(?:{stems})\w*)" for number, stems in enumerate(_MONTHS, 1))
DATE = re.compile(r"(?P<d>\d{1,2})[./](?P<m>0?[1-9]|1[0-2])(?:[./](?P<y>\d{4}|\d{2}))?(?![\d:])")
ISO_DATE = re.compile(r"(?P<y>\d{4})-(?P<m>0[1-9]|1[0-2])-(?P<d>\d{2})(?!\d)")
WORDED_DATE = re.compile(
    rf"(?P<d>\d{{1,2}})(?:-?(?:го|е|те|st|nd|rd|th))?\s+(?:of\s+)?(?:{_MONTH})\.?"
    r"(?:\s+(?P<y>\d{4})(?![\d:]))?"
)
MONTH_FIRST = re.compile(
    rf"(?=[a-z])(?:{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.])"
    r"(?:\s+(?P<y>\d{4})(?![\d:]))?"
)
DAY_OF_MONTH = re.compile(r"(?P<d>\d{1,2})(?:-?го|\s+числа|th|st|nd|rd)(?!\w)")

TIME = re.compile(rf"(?:{_BEFORE_TIME})?(?P<h>[01]?\d|2[0-3])[:](?P<min>[0-5]\d)(?!\d)")
DOTTED_TIME = re.compile(r"(?P<h>[01]?\d|2[0-3])[.-](?P<min>[0-5]\d)(?!\d)")
TIME_AFTER_AT = re.compile(
    rf"{_BEFORE_TIME}(?P<h>[01]?\d|2[0-3])(?:[.-](?P<min>[0-5]\d))?(?![\d:])"
)
BARE_HOUR = re.compile(r"(?P<h>[01]?\d|2[0-3])(?![\d:.])")
HOUR_WORD = re.compile(r"(?:ч|час|часа|часов|год|година|годині|h|o'clock)\b\.?")
HALF_OF_DAY = re.compile(
    rf"(?:{_BEFORE_TIME})?(?P<h>1[0-2]|0?[1-9])(?:[:.](?P<min>[0-5]\d))?\s*"
    r"(?:(?P<am>am|a\.m\.|утра|ранку)|(?P<pm>pm|p\.m\.|дня|вечера|вечора))(?!\w)"
)
NOON = re.compile(rf"(?:{_BEFORE_TIME})?(?:полдень|опівдні|noon|midday)\b")

AHEAD = re.compile(r"(?:через|за|спустя|in|after)\s+|\+\s*")
_AMOUNT = (
    r"(?P<number>\d{1,5}(?:[.,]\d{1,2})?)|(?P<one_and_a_half>полтор[аы]|півтор[аи])"
    r"|(?P<half>полу?|пів|half(?:\s+an?)?)|(?P<one>an?|one|один|одну|одна)"
)
LENGTH = re.compile(
    rf"(?:(?:{_AMOUNT})\s*)?(?:"
    r"(?P<minutes>мин(?:ут[аыу]?)?|хв(?:илин[аиу]?)?|min(?:ute)?s?|m)"
    r"|(?P<hours>ч(?:ас(?:а|ов|ик)?)?|годин[аиу]?|(?<=\d\s)год|(?<=\d)год|h(?:our)?s?)"
    r"|(?P<days>дн(?:я|ей|і|ів)|день|days?|d)"
    r"|(?P<weeks>недел[яюиь]|нед|тиж(?:день|ні|нів)|weeks?|w)"
    r"|(?P<months>месяц(?:а|ев)?|мес|місяц(?:ь|я|і|ів)|months?))\b\.?"
)
