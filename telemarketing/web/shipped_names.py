"""Names of statuses and sources in the reader's language, for as long as nobody has renamed them.

In: a name as the dictionary has it; users may change it, and what they write is shown as it is.
Out: the shipped names translated, all others unchanged.
"""

from telemarketing.web.languages import N_, translations

_SHIPPED = {
    "Установление контакта": N_("First contact"),
    "Выявление потребностей": N_("Finding out needs"),
    "Презентация": N_("Presentation"),
    "Работа с возражениями": N_("Handling objections"),
    "Лид сконвертирован": N_("Lead converted"),
    "Некорректный контакт": N_("Wrong contact"),
    "Предложение неактуально": N_("Offer not relevant"),
    "исходящий звонок": N_("outbound call"),
    "входящий звонок": N_("inbound call"),
}
"""As the first migration wrote them -> English."""


def show_name(name: str, language: str) -> str:
    """Return the name to show."""
    english = _SHIPPED.get(name)
    return name if english is None else translations(language).gettext(english)
