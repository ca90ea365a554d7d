"""How words of time combine: rules over typed words, tried at each place of a text.

A rule is a regular expression whose letters are kinds of words, and rules above it. A text is matched by the kinds of
its words, so that a rule holds for every synonym, however blanks and ends of line fall. Each repetition is
bounded: any text is matched in linear time.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from workflows.intake.times.words import TimeWord, Word, time_words

_RULES = """
count = number | number_word
part_number = roman | number | number_word
of_year = (slash | dash | of? comma? year) year_number
date = day{0,2} number (slash number (slash (year_number | number) | comma? year year_number)?
     | month count (comma? year year_number)? | dot number dot year_number | dash number dash year_number)
     (?! slash | percent | number)
day_list = (day? number (slash number (?! slash) | month number)?
     (comma | and | dash | until){1,2} before? day? (?= number)){1,12}
further_day = (comma | stop | comma? and) before? day{0,2} number slash number (slash (year_number | number))?
     (?! slash | percent | number | each)
days = day_list? date further_day{0,6}
one_day = day{0,2} number (slash number (slash (year_number | number) | comma? year year_number)?
     | month count (comma? year year_number)? | dot number dot year_number | dash number dash year_number)?
more_months = (comma | dash | until | comma? and) month? count
     (?! slash number | percent | day | working_day | week | month | hour | minute | one_time | dot number)
months = month count more_months{0,11} of_year? (?! slash)
more_quarters = (comma | dash | until | comma? and) quarter? part_number (?! slash number)
quarters = quarter part_number more_quarters{0,3} (of_year | year_number)?
month_of_year = (?<! slash) number slash year_number (?! slash | dash)
part_of_year = (number month (first | last) | part_of_month) year year_number?
one_year = year year_number
period = part_of_year | quarters | months | month_of_year | one_year
periods = last? period ((comma? and | comma) period){0,6}
clock = number hour (number minute?)? | number colon number | office_hours
beside_day = (last (?= day{1,2} number))? ((at? clock part_of_day? | part_of_day) comma? (and? part_of_day)?)? of?
     (open? weekday close? comma? open?)?
week_of_month = week (count | first | last) of? month count of_year?
third_of_month = (first | middle | last | part_of_month) of? month count of_year?
next_year = day{0,2} number (month | slash) count of? year (next | after)
from_issue = (first | middle | last)? of?
     (day{1,2} number of? month | (?<! number) (?<! number_word) (?<! several) (week | month | quarter | year))
     (this | next | after) (?! each | before | number | number_word)
this_day = day? today (open day? date close)?
begin = (first | middle | last | end)? beside_day (date | period | (day | month | quarter){0,2} part_number)
range = from (this | begin) (until | dash | end){1,3} last? beside_day (date | period | part_number of_year)
preposition = before | latest | limit | at_most | done | until | end | within | at | exactly | is | span | whole
lead = before day other{1,4} open? (?= number) | at one_time report (?= month | quarter | year)
     | preposition (comma? colon? (preposition | several | send)){0,6}
dated = (before | latest | at)? beside_day (date | period) (?<= year_number)
unit = day | week | month | quarter | half_year | year
later = after | next
rate = (count (minute | hour | unit) | half_year) (slash | each | count){0,3} one_time
times_a_period = count one_time (slash | within | each | count){1,3} unit
     | (each | count)? unit report? comma? at_least? count one_time
each_period = each count? unit (?! roman) | periodic at? (each | first | last){0,2} (count? unit | term)
     | at? (last | first) each (term | unit)
day_of_next_month = (before | latest | at) (is | at){0,2} day{1,2} number of? month (first of?)? quarter? later
     (?! year_number)
day_of_quarter = number of? month (first | last | number_word) (of | within)? each? quarter
edge_of_period = (working_day | day | week) (last | first) of? each? unit (?! number)
again = each_period | rate | times_a_period | day_of_next_month | day_of_quarter | edge_of_period
     | count month open (before | latest | at | send)
reported_period = (count month | whole? unit) (comma? (comma | and | slash) (count (month | year)
     | whole? unit)){0,4} (?! count | this | after | next | (first | last) year year_number)
day_alone = (before | latest | at | limit) (is | at){0,2} day{1,2} number (comma? (comma | and)
     before? day{0,2} number){0,3} (?! slash | month | dash number | number | percent | hour | year)
length = count (day | working_day | week | month | hour (?! number? minute? comma? (day | weekday))
     | minute (?! comma? (day | weekday)))
counted = (within | after | latest | at_most | limit)
     (span | is | within | after | before | latest | at_most | at | limit){0,5} length
counted_back = (at_least | before | latest)? is? before? length comma? (?= before)
so_long_before = before at_least? length
so_long_from_event = (before | after) day? other (other | of | and | send | report | done | is){0,12}
     at_least? length
"""
"""Each rule by its name; a line that is indented goes on with the rule above."""

_BASE = 0xE000  # the private use area has a character for each kind of word
_NAME = re.compile(r"(?<!<)\b[a-z_]+\b(?!>)")


def _compiled(rules: str) -> dict[str, str]:
    known = {kind.name.lower(): chr(_BASE + kind) for kind in Word}
    for rule in re.split(r"\n(?! )", rules.strip()):
        name, _equals, pattern = rule.partition(" = ")
        assert name not in known, name
        known[name] = f"(?:{_translated(pattern, known)})"
    return known


def _translated(pattern: str, known: dict[str, str]) -> str:
    return re.sub(r"\s+", "", _NAME.sub(lambda match: known[match.group()], pattern))


_KNOWN = _compiled(_RULES)


def rule(pattern: str) -> re.Pattern[str]:
    """Return a pattern over kinds of words, in the notation of the rules, ready to match what `kinds` returns."""
    return re.compile(_translated(pattern, _KNOWN))


@lru_cache(maxsize=4)
def kinds(text: str) -> str:
    """Return the kinds of the words of a text, a character each."""
    return letters_of(time_words(text))


def letters_of(words: Sequence[TimeWord]) -> str:
    """Return the kinds of words, a character each."""
    return "".join(chr(_BASE + word.kind) for word in words)
