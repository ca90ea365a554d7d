"""A ranking of the autumn that the head of the issuer's office has approved, made for looking at it."""

from models.database.session import transaction
from models.errors import Refused
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date
from tests.browser.places import Place
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_place
from workflows.reports.scorecards.ranking import approve_ranking, list_rankings

LEADER = "tran.duc.thinh"


def ranking(place: Place) -> str:
    """The page of the ranking."""
    day = local_date(place.now)
    with transaction(place.story.engine) as session:
        leader = resolve_person(session, LEADER)
        by, hand = read_place(session, leader, day), AuditActor(place.now, leader.id)
        try:
            made = approve_ranking(session, by, period="2026-Q3", today=day, hand=hand, note="Hội nghị giao ban quý")
        except Refused:  # it was looked at before
            made = list_rankings(session, by)[0].approval
        return f"/scorecards/rankings/{made.id.hex}"
