"""Check that a template fits its directive: the directive has its quotes, and its title has no sensitive phrase."""

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
"""Phrases that a quote may have but a title may not, because subject lines show titles."""
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
    """Return text with single spaces and composed accents, in which quotes are compared with the directive."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def sensitive_phrase(text: str) -> str | None:
    """Return the first phrase that a subject line may not have."""
    plain = normalise(text).casefold()
    return next((phrase for phrase in SENSITIVE if phrase in plain), None)


def refuse_classified(level: str | None) -> None:
    """Raise Refused for a level of secrecy."""
    if level:
        raise Refused(
            "a document stamped {level} may not enter a networked system: follow it up on paper, by classified mail;"
            " nothing was stored",
            level=level.upper(),
        )


def template_faults(
    file: YamlFile, template: TemplateSpec, words: str, text_name: str, place: Place = ()
) -> Iterator[SpecFault]:
    """Yield the faults of a template at a place in a file. `words` is the normalised text of the directive."""
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
            value = shorten(_last_matching_words(normalise(quote), words))
            yield fault(file, (*place, *field), message, text=text_name, value=value)


def _last_matching_words(quote: str, words: str) -> str:
    """Return the end of the longest beginning of the quote that the text has."""
    low, high = 0, len(quote)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if quote[:middle] in words else (low, middle - 1)
    return quote[max(0, low - 60) : low]
