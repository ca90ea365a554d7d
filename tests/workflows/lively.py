"""An office in which every cell of the board says something else."""

from datetime import date, timedelta
from typing import Any

from models.database.session import reading
from models.organization.person import Person
from models.text.localtime import local_date
from tests.office import COORDINATOR, Office, at


def lively(office: Office) -> None:
    """Something of every kind that a cell can say."""

    def head(unit: str) -> str:
        with reading(office.engine) as session:
            return session.get_one(Person, office.unit(unit).head_id).code

    def act(unit: str, action: str, by: str, day: Any, **given: Any) -> None:
        office.act(office.task("2", unit), action, by, day, **given)

    for unit in ("T-LT", "CTY-M", "CTY-E", "CTY-L", "T-DD", "T-DV"):
        act(unit, "accept", head(unit), at(3))
    for unit, day in (("T-LT", at(20)), ("CTY-M", at(2, 7))):
        act(unit, "submit", head(unit), day, number="1/CV", date=local_date(day))
        act(unit, "approve", COORDINATOR, day + timedelta(days=9))
    act("CTY-E", "submit", head("CTY-E"), at(21), number="2/CV", date=date(2004, 6, 21))
    act("CTY-L", "ask-extension", head("CTY-L"), at(22), due=date(2004, 8, 2), note="chưa đủ số liệu")
    act("T-DD", "raise-obstacle", head("T-DD"), at(22), note="chưa có hướng dẫn")
    act("T-DV", "withdraw", COORDINATOR, at(22), note="trùng với đơn vị khác")
    office.declare("T-LT", "CTY-M", now=at(15, 7), is_drill=True)
    office.declare("T-LT", now=at(15, 7, 20), is_drill=False)  # due in the evening, when the page has been looked at
