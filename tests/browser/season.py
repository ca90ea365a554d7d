"""One autumn of the bundled directive with everything in it that a page can show, for pictures and for checks.

Launched on Monday, 14 September 2026; looked at on Thursday, 15 October, 10:00: some are done, some late, some wait
for a decision, one has no date, an incident is over and a drill is on, and one letter found no mailbox.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path

from models.database.session import open_engine, reading
from models.organization.register_reads import resolve_person
from models.tasks.evidence_files import GivenFile
from models.tasks.task import Task
from models.text.localtime import at_local
from tests.acceptance.story import CLERK, COORDINATOR
from tests.browser.places import Place, open_place
from tests.keys import KEYS
from workflows.operations.setup import set_up

DUE = date(2026, 10, 9)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n"
)


def moment(day: int, month: int = 10, hour: int = 8, minute: int = 0) -> datetime:
    """A local moment of that autumn."""
    return at_local(date(2026, month, day), time(hour, minute))


START, NOW = moment(14, 9), moment(15, 10, 10)


def furnish(folder: Path) -> None:
    """A database with the bundled directive and its demo register; nothing is launched."""
    engine = open_engine(f"sqlite:///{folder / 'dondoc.sqlite'}", KEYS)
    set_up(engine, now=moment(11, 9), example=True)
    engine.dispose()


def make(folder: Path) -> None:
    """Plays the autumn in an empty folder."""
    furnish(folder)
    with open_place(folder, START) as place:
        _September(place, folder).play()


class _September:
    """Each day's acts, then that day's letters."""

    def __init__(self, place: Place, folder: Path) -> None:
        self._place, self._story, self._folder = place, place.story, folder

    def play(self) -> None:
        story = self._story
        story.launch("1", "2", "2.a", "2.b", "2.c", "3", "5", "results", "oversight", "obstacles", due=DUE, on=START)
        story.launch("4", on=START)
        self._days(START, moment(16, 9))
        self._most_accept()
        self._days(moment(17, 9), moment(23, 9))
        self._some_finish()
        self._days(moment(24, 9), moment(2))
        self._some_are_stuck()
        self._days(moment(5), moment(9))
        self._at_the_last_moment()
        self._days(moment(10), moment(14))
        self._today()

    def _days(self, first: datetime, last: datetime) -> None:
        self._story.mornings(first, last)

    def _task(self, unit: str, path: str = "2") -> Task:
        return self._story.task(path, unit)

    def _as_head(self, action: str, leads: Iterable[str], when: datetime, /, **given: object) -> None:
        for unit in leads:
            task = self._task(unit)
            self._story.act(task, action, self._story.head(task), when, **given)

    def _most_accept(self) -> None:
        """The morning of the third day. CTY-L and CTY-S stay silent for good."""
        silent = {"CTY-L", "CTY-S", "CTY-R", "CTY-Q", "T-BC"}
        units = {self._story.unit(task) for task in self._story.tasks("2")} - silent
        self._as_head("accept", sorted(units), moment(16, 9, 9))
        study = self._story.task("4", "VU-KHTC")
        self._story.act(study, "accept", "luong.thi.ngan", moment(16, 9, 10))
        vdc = self._task("T-SL")
        self._story.act(vdc, "assign", "ta.thi.mai", moment(16, 9, 11), to="chu.tuan.kien", note="Làm trước ngày 30/9")
        self._story.absence("ly.viet.hung", "doan.duy.khanh", date(2026, 10, 12), date(2026, 10, 23))

    def _some_finish(self) -> None:
        """Classified plans, so number and date; a study with its file."""
        when = moment(23, 9, 9)
        for unit in ("CTY-E", "TCT-T", "BD-A", "BD-B", "T-QT"):
            self._story.submit_classified(self._task(unit), self._story.head(self._task(unit)), when)
        for unit in ("CTY-E", "TCT-T", "BD-A"):
            self._story.act(self._task(unit), "approve", COORDINATOR, moment(24, 9, 9), note="Đạt yêu cầu")
        back = "Đề nghị bổ sung phương án phối hợp với Công an địa phương"
        self._story.act(self._task("BD-B"), "return", COORDINATOR, moment(24, 9, 9), note=back)
        self._as_head(
            "progress", ["BD-C", "T-DD", "CTY-M"], moment(24, 9, 10), note="Đã hoàn thành dự thảo, đang lấy ý kiến"
        )

    def _some_are_stuck(self) -> None:
        when = moment(2, 10, 9)
        asked = "Cần thêm thời gian thống nhất với Công an địa phương"
        self._as_head("ask-extension", ["CTY-M", "CTY-G"], when, due=date(2026, 10, 23), note=asked)
        self._story.act(self._task("CTY-G"), "grant-extension", COORDINATOR, moment(5, 10, 9), note="Đồng ý")
        self._as_head("raise-obstacle", ["T-DD", "BD-D"], when, note="Chưa có hướng dẫn về mẫu biểu số liệu")
        answer = "Áp dụng mẫu biểu kèm theo Chỉ thị"
        self._story.act(self._task("BD-D"), "answer-obstacle", "le.thi.d", moment(6, 10, 9), note=answer)
        story = self._story
        story.request("3", "TCT-T", "CTY-E", "CTY-M", "CTY-H", "CTY-N", "T-QT", due=date(2026, 10, 30), now=when)
        self._as_head(
            "cascade", ["T-LT"], when, units=("T-LT-KV1", "T-LT-KV2"), due=date(2026, 10, 7), note="Báo cáo về Công ty"
        )
        not_ours = "Công ty không còn cung cấp dịch vụ này"
        self._as_head("not-ours", ["T-DV"], when, to="T-DD", note=not_ours)

    def _at_the_last_moment(self) -> None:
        when = moment(9, 10, 9)
        self._story.act(self._task("CTY-O"), "withdraw", COORDINATOR, when, note="Đơn vị đã sáp nhập")
        self._story.act(
            self._task("CTY-P"),
            "receive",
            CLERK,
            when,
            number="31/SB",
            date=date(2026, 10, 8),
            received_on=date(2026, 10, 9),
        )
        for unit in ("BD-C", "CTY-N"):
            self._story.submit_classified(self._task(unit), self._story.head(self._task(unit)), when)
        incident = self._story.declare("2.a", "T-LT", "T-SL", "CTY-E", now=moment(8, 10, 14))
        self._story.tick(moment(8, 10, 15))
        self._story.act(self._task("CTY-E", "2.a"), "accept", "nguyen.thanh.tung", moment(8, 10, 16))
        self._story.stand_down(incident, moment(9, 10, 11))

    def _today(self) -> None:
        """The last morning: a letter that finds no mailbox, a drill, a call, a file."""
        story = self._story
        with reading(story.engine) as session:
            self._place.sender.unknown = {resolve_person(session, "dinh.hoang.long").email or ""}
        story.tick(moment(15))
        self._place.sender.unknown = set()
        (self._folder / "bao-cao.pdf").write_bytes(PDF)
        study = story.task("4", "VU-KHTC")
        story.submit(
            study,
            "luong.thi.ngan",
            moment(15, 10, 9),
            file=(GivenFile.at(self._folder / "bao-cao.pdf"),),
            note="Kính trình",
        )
        story.act(
            self._task("CTY-L"),
            "telephone",
            COORDINATOR,
            moment(15, 10, 9, 10),
            answered_by="Đinh Hoàng Long",
            note="Hứa gửi báo cáo trong ngày 16/10",
        )
        story.declare("2.c", "CTY-M", "CTY-N", now=moment(15, 10, 9, 20), drill=True)
        story.tick(moment(15, 10, 9, 30))
        story.tick(moment(15, 10, 9, 59))
