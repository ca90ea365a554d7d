"""What makes a template fit its directive: its quotes stand there word for word, its title has no word too loud."""

import unicodedata
from collections.abc import Iterator

from pydantic import BaseModel

from models.directives.ladders import LadderSpec, RungSpec
from models.directives.template import (
    AudienceRule,
    DayOfPeriod,
    FixedDeadline,
    HoursDeadline,
    NoDeadline,
    PeriodRule,
    RelativeDeadline,
    RequiredResult,
    Selector,
    TemplateSpec,
    VagueDeadline,
)
from models.errors import Refused
from models.i18n import _
from models.text.localtime import FIRST_DAY, LAST_DAY, write_date
from workflows.templates.spec_faults import Place, SpecFault, fault, shorten
from workflows.templates.yaml_lines import YamlFile

SENSITIVE = ("bạo động", "bạo loạn", "gây rối", "xâm phạm an ninh", "chống lại nhà nước", "thù địch", "phê bình")
"""Phrases that may stand in a quote but not in a title, because titles go into subject lines."""
TEMPLATE_MODELS: tuple[type[BaseModel], ...] = (
    TemplateSpec,
    AudienceRule,
    Selector,
    PeriodRule,
    DayOfPeriod,
    RequiredResult,
    LadderSpec,
    RungSpec,
    NoDeadline,
    FixedDeadline,
    RelativeDeadline,
    VagueDeadline,
    HoursDeadline,
)


def normalise(text: str) -> str:
    """Single spaces and composed accents: how quotes are compared with the text."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def sensitive_phrase(text: str) -> str | None:
    """The first that may not stand in a subject line."""
    plain = normalise(text).casefold()
    return next((phrase for phrase in SENSITIVE if phrase in plain), None)


def refuse_classified(level: str | None) -> None:
    """Raise Refused for words under a level of secrecy."""
    if level:
        raise Refused(
            "a document stamped {level} may not enter a networked system: follow it up on paper, by classified mail;"
            " nothing was stored",
            level=level.upper(),
        )


def template_faults(
    file: YamlFile, template: TemplateSpec, words: str, text_name: str, place: Place = ()
) -> Iterator[SpecFault]:
    """Yield what is wrong with a template at a place of a file; `words` is the directive's text, normalised."""
    yield from _misquotes(file, template, words, text_name, place)
    phrase = sensitive_phrase(template.title)
    if phrase:
        message = _("{field}: {value} may not be used in a title, which goes into subject lines")
        yield fault(file, (*place, "title"), message, value=shorten(phrase))
    rule = template.deadline
    if isinstance(rule, FixedDeadline) and not FIRST_DAY <= rule.on <= LAST_DAY:
        message = _("{field}: {value} is no day of an office; expected at the latest {last}")
        yield fault(file, (*place, "deadline", "on"), message, value=write_date(rule.on), last=write_date(LAST_DAY))


def _misquotes(file: YamlFile, template: TemplateSpec, words: str, text_name: str, place: Place) -> Iterator[SpecFault]:
    quotes: list[tuple[Place, str]] = [(("quote",), template.quote), (("audience", "says"), template.audience.says)]
    if template.coordinating:
        quotes.append((("coordinating", "says"), template.coordinating.says))
    for field, quote in quotes:
        if normalise(quote) not in words:
            message = _("{field}: {text} does not have these very words; they differ after {value}")
            value = shorten(_agreed(normalise(quote), words))
            yield fault(file, (*place, *field), message, text=text_name, value=value)


def _agreed(quote: str, words: str) -> str:
    """The last words of the quote's longest beginning that the text has."""
    low, high = 0, len(quote)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if quote[:middle] in words else (low, middle - 1)
    return quote[max(0, low - 60) : low]
