"""Scans to look at: one in review whose date is unclear, and one that waits to be read."""

from models.database.session import transaction
from models.intake.intake import FileRole
from models.organization.register_reads import resolve_person, resolve_unit
from models.text.localtime import local_date
from tests.browser.places import Place
from tests.intake.files.made import pdf
from workflows.access.rights import read_principal
from workflows.intake.read import read
from workflows.intake.read_scans import ask_scan
from workflows.intake.review.store_reading import draft_of, store_reading
from workflows.intake.source_files import keep_source

COORDINATOR, UNIT = "le.thi.c", "VU-VT"
_DUTY = "1. Vụ Viễn thông rà soát phương án bảo vệ, báo cáo Bộ trưởng trước ngày 20/12/2026."
_TEXT = f"BỘ BƯU CHÍNH, VIỄN THÔNG\n\nSố: 77/CT-BBCVT\n\nCHỈ THỊ\nVề việc báo cáo\n\n{_DUTY}"


def in_review(place: Place) -> str:
    """The review of a scan; its searchable PDF shows the line of the duty at the top."""
    begins, at = _TEXT.index(_DUTY), _TEXT.index("20/12/2026")
    facts = {
        "pages": 1,
        "scanned": [0],
        "lines": [[begins, len(_TEXT), 0, 0.1, 0.08, 0.95, 0.11]],
        "doubtful": [[at, at + 10, "2O/12/2026", 0.5]],
    }
    with transaction(place.story.engine) as session:
        intake = store_reading(
            session,
            draft_of(_TEXT, read(_TEXT), facts),
            filename="quet.pdf",
            unit_id=resolve_unit(session, UNIT).id,
            person_id=resolve_person(session, COORDINATOR).id,
            now=place.now,
        )
        made = pdf(f"#set text(size: 9pt)\n{_DUTY}")
        keep_source(session, place.story.settings.evidence, intake, "quet-ocr.pdf", made, FileRole.SEARCHABLE)
        return f"/intake/{intake.id.hex}?duty=1"


def waiting(place: Place) -> str:
    """The page of a scan that waits to be read."""
    with transaction(place.story.engine) as session:
        principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(place.now))
        unit_id = resolve_unit(session, UNIT).id
        job = ask_scan(
            session, place.story.settings, principal, name="quet.pdf", content=b"%PDF-", unit_id=unit_id, now=place.now
        )
        return f"/background-jobs/{job.id}"
