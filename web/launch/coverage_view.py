"""The coverage proof as a page shows it: by duty, whom its sentence addresses and which units these are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from models.directives.directive import Directive, Duty
from models.i18n import Words
from workflows.launch.coverage import Gap, load_register, prove_coverage
from workflows.launch.launch_plan import published
from workflows.rules.audience import UnitFacts
from workflows.templates.audience_words import rule_words


@dataclass(frozen=True)
class Addressees:
    """One duty's: the directive's own words, the rules with their counts, the units, and what is missing."""

    duty: Duty
    says: str
    rules: list[Words]
    leading: list[UnitFacts]
    partners_say: str
    partners: list[UnitFacts]
    gaps: list[Gap]


def read_addressees(
    session: Session, directive: Directive, duties: Sequence[Duty]
) -> tuple[list[Addressees], list[Gap]]:
    """Return the proof by duty, and all its gaps. The queries are as many for one duty as for all."""
    versions = published(session, [duty.id for duty in duties])
    register = load_register(session)
    proof = prove_coverage(session, directive, list(versions.values()), duties=duties, register=register)
    units = {unit.id: unit for unit in register.units}
    found = []
    for duty in duties:
        spec = versions[duty.id].read_spec() if duty.id in versions else None
        found.append(
            Addressees(
                duty=duty,
                says=spec.audience.says if spec else "",
                rules=rule_words(spec.audience.any, register) if spec else [],
                leading=[units[one] for one in proof.audience.get(duty.path, [])],
                partners_say=spec.coordinating.says if spec and spec.coordinating else "",
                partners=[units[one] for one in proof.coordinating.get(duty.path, [])],
                gaps=[gap for gap in proof.gaps if duty.path in gap.duty.split(", ")],
            )
        )
    return found, proof.gaps
