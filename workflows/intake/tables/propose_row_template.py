"""The template of one duty of a table: who leads it, with whom, until when, as far as its rows agree."""

from collections.abc import Sequence

from models.directives.directive import DutyKind
from models.directives.template import AudienceRule, NoDeadline, RequiredResult, Selector, TemplateSpec
from workflows.intake.review.first_guess import short_title
from workflows.intake.tables.fates import Fate, FateKind
from workflows.intake.tables.row_dates import RowDeadline
from workflows.templates.new_document import RESULT, STEPS
from workflows.templates.template_check import sensitive_phrase


def propose_row(path: str, rows: Sequence[Fate], follows: str, *, fixed: bool) -> TemplateSpec:
    """`rows` are those with one and the same text, `follows` the code of the unit that follows them up.

    Where dates or coordinating units differ, each task has its row's, and the template none.
    """
    live = [fate for fate in rows if fate.kind is FateKind.NEW] or list(rows)
    quote = live[0].row.duty
    leads = {unit.code for fate in live for unit in fate.leads}
    partners = {tuple(unit.code for unit in fate.partners) for fate in live}
    agreed = next(iter(partners)) if len(partners) == 1 else ()
    products = [fate.row.product for fate in live if fate.row.product]
    return TemplateSpec(
        duty=path,
        title=_title(path, quote),
        kind=DutyKind.ONE_OFF,
        quote=quote,
        steps=STEPS,
        audience=AudienceRule(any=(Selector(named=tuple(sorted(leads))),)),
        coordinating=AudienceRule(any=(Selector(named=agreed),)) if agreed else None,
        deadline=_agreed_date([fate.rule for fate in live], fixed=fixed),
        result=RequiredResult(description=" ".join(products[0].split())[:500] if products else RESULT),
        reports_to=follows,
        authority=follows,
    )


def _title(path: str, quote: str) -> str:
    """Return the duty's first words; where they are too loud for a subject line, only its number."""
    title = short_title(quote)
    return f"Nhiệm vụ {path}" if sensitive_phrase(title) else title


def _agreed_date(rules: Sequence[RowDeadline], *, fixed: bool) -> RowDeadline:
    if any(rule != rules[0] for rule in rules) or isinstance(rules[0], NoDeadline):
        return NoDeadline()
    return rules[0].model_copy(update={"fixed_by": "directive" if fixed else "template"})
