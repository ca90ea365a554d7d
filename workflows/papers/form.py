"""Write the official form of a paper: its head, signature and Nơi nhận, in the name of the office that issues it.

People write numbers, days, names of signers and seals: the product leaves their places blank.
"""

from dataclasses import dataclass

from sqlmodel import Session

from models.i18n import _
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from notifications.composing.wording import office_of
from workflows.papers.paper import PaperHead
from workflows.papers.paper_wording import Writer

STATE = _("SOCIALIST REPUBLIC OF VIET NAM")
MOTTO = _("Independence - Freedom - Happiness")
DRAFT = _("DRAFT - not an issued document")
_MINISTER = "Bộ trưởng "
_OF_THE_MINISTRY = (UnitKind.DEPARTMENT, UnitKind.SUBORDINATE)


@dataclass(frozen=True)
class Office:
    """An office that issues papers. `above`: the organisation above it, "" where there is none."""

    code: str
    unit: str
    above: str
    title: str  # of its head: "Vụ trưởng"
    in_ministry: bool


def read_office(session: Session, unit: Unit) -> Office:
    head = session.get(Person, unit.head_id) if unit.head_id else None
    above = session.get(Unit, unit.parent_id) if unit.parent_id else None
    return Office(
        code=unit.code,
        unit=unit.name,
        above=above.name if above else "",
        title=head.title if head and head.title else "Thủ trưởng đơn vị",
        in_ministry=unit.kind in _OF_THE_MINISTRY,
    )


def acts_for_minister(office: Office, issuer: str) -> bool:
    """Return whether the office writes in the Minister's name: a department does, about a Minister's directive."""
    return office.in_ministry and issuer.startswith(_MINISTER)


def own_head(writer: Writer, office: Office, year: int, symbol: str = "") -> PaperHead:
    """Return the head of a paper in the office's own name. `symbol`: of the kind of paper, such as BC, or empty."""
    return PaperHead(
        above=office.above.upper(),
        office=office.unit.upper(),
        number=number(writer, symbol),
        regarding="",
        place_and_date=place_and_date(writer, year),
        state=writer.say(STATE),
        motto=writer.say(MOTTO),
    )


def minister_head(writer: Writer, office: Office, year: int, regarding: str) -> PaperHead:
    """Return the head of a công văn in the ministry's name."""
    return PaperHead(
        above="",
        office=office.above.upper(),
        number=number(writer, ""),
        regarding=regarding,
        place_and_date=place_and_date(writer, year),
        state=writer.say(STATE),
        motto=writer.say(MOTTO),
    )


def number(writer: Writer, symbol: str) -> str:
    """ "Số:      /BC-…": the clerk writes the number, and the office's own abbreviation."""
    return writer.say(_("No.:      /{symbol}"), symbol=f"{symbol}-…" if symbol else "…")


def place_and_date(writer: Writer, year: int) -> str:
    """Return blank place and day, with the year."""
    return writer.say(_("…………, day … month … year {year}"), year=str(year))


def own_signature(office: Office) -> tuple[str, ...]:
    """ "VỤ TRƯỞNG"; KT. or Q. before it is for who signs to write."""
    return (office.title.upper(),)


def minister_signature(office: Office) -> tuple[str, ...]:
    """ "TL. BỘ TRƯỞNG", "VỤ TRƯỞNG VỤ VIỄN THÔNG"."""
    return ("TL. BỘ TRƯỞNG", office_of(office.title, office.unit).upper())


def recipients(writer: Writer, *lines: str, filed: str) -> tuple[str, ...]:
    """Return the lines of the Nơi nhận. The last one says where the paper is filed."""
    filing = writer.say(_("- Filed: VT{office}."), office=f", {filed}" if filed else "")
    return (*(f"- {line};" for line in lines), filing)
