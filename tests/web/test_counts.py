"""A number that leads to a list counts that very list: every such number of these pages, in a busy office."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from models.database.ids import new_id
from models.database.session import reading
from models.letters.letter import Letter, LetterKind, LetterState
from models.operations.alert import AlertKind
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.task import Contribution, Task, TaskStatus
from models.text.localtime import due_date, end_of_day
from tests.web.site import LAUNCHED, Office, Reader
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import end_alert, raise_alert
from workflows.rules.tasks.actions import Action

pytestmark = pytest.mark.long

DATABASES = ("sqlite", "postgresql")
COORDINATOR, ADMINISTRATOR, BOARD = "le.thi.c", "dang.thu.thuy", "/directives/ct-06-2004"
OBSERVER, CLERK = "nguyen.minh.quan", "vu.huu.phuoc"


def own_lines(text: str) -> str:
    """A page of somebody's work without the contributions that stand beside one's own tasks."""
    if 'href="/work?show=contribute"' not in text:
        return text
    return re.sub(r'(?s)<section aria-labelledby="n-contribute".*?</section>', "", text)


LISTS: dict[str, Callable[[str], int]] = {
    "/work": lambda text: own_lines(text).count('class="line"'),
    "/tasks": lambda text: len(re.findall(r'<th scope="row">\s*<a href="/tasks/', text)),
    "/inbox": lambda text: len(re.findall(r'<li class="entry"', text)),
    BOARD: lambda text: sum(
        1 + int(more or 0)
        for more in re.findall(
            r'<td class="c-[^"]+"><a href="/tasks/[^"]+" title="[^"]+"><i aria-hidden="true">[^<]*(?:<sup>\+(\d+))?',
            text,
        )
    ),
    "/reports/tasks": lambda text: len(re.findall(r'<th scope="row">\s*<a href="/tasks/', text)),
    "/letters": lambda text: len(re.findall(r'<th scope="row"[^>]*>\s*<a href="/letters/', text)),
    "/admin/letters": lambda text: text.count('<li class="letter">'),
    "/admin/alerts": lambda text: len(re.findall(r"<li>\s*<p>\s*<span class=\"mark", text)),
}
"""How the lists behind the numbers are counted by hand, by their path."""

PAGES: dict[tuple[str, str], set[str]] = {
    (COORDINATOR, "/work"): {"/inbox", "/inbox?kind=obstacle", "/inbox?kind=result"},
    ("head", "/work"): {
        "/work",
        "/work?show=late",
        "/work?show=accept",
        "/work?show=contribute",
        "/inbox",
        "/inbox?kind=obstacle",
        "/inbox?kind=counter",
    },
    (COORDINATOR, "/inbox"): {"/inbox", "/inbox?kind=result"},
    (COORDINATOR, "/directives"): {
        BOARD,
        f"{BOARD}?state=open_overdue",
        f"{BOARD}?state=waiting",
        f"{BOARD}?state=not_accepted",
        f"{BOARD}?state=undated",
        "/inbox?directive=ct-06-2004",
    },
    (COORDINATOR, BOARD): {f"{BOARD}?state=approval", f"{BOARD}?state=blocked", f"{BOARD}?state=withdrawn"},
    (COORDINATOR, "/reports"): {"/reports/tasks?directive=all&cutoff=2026-11-09&figure=open_overdue"},
    (ADMINISTRATOR, "/admin"): {
        "/admin/alerts?state=open",
        "/admin/letters",
        "/reports/tasks?figure=open",
        "/letters?sent=2026-11-09",
        "/reports/tasks?figure=open_overdue",
        "/reports/tasks?figure=no_deadline",
    },
    (ADMINISTRATOR, "/admin/mail"): {"/letters?sent=2026-11-09"},
    (ADMINISTRATOR, "/admin/letters"): {"/admin/letters", "/admin/letters?state=failed"},
    (ADMINISTRATOR, "/admin/alerts"): {"/admin/alerts?state=open"},
}
"""Who sees which page, and some of the lists that its numbers must lead to: so that none is missed."""


@pytest.fixture
def busy(office: Office) -> Office:
    """The office a week on: late, waiting, delegated, in a drill, undated; letters sent, refused and held."""
    four, two = office.task("4"), office.task("2")
    lead, other = office.head(four), office.head(two)

    def more(like: Task, count: int = 1, **values: Any) -> list[Task]:
        made: list[Task] = []

        def add(session: Session) -> None:
            for _number in range(count):
                one = new_id()
                row = session.get_one(Task, like.id).model_dump() | {"id": one, "occurrence": f"request:{one.hex}"}
                made.append(Task(**{**row, **values}))
            session.add_all(made)
            session.add_all(_assigned(one) for one in made)

        office.change(add)
        return made

    past = {"due_at": end_of_day(date(2026, 11, 5)), "original_due_at": end_of_day(date(2026, 11, 5))}
    more(four, 3, status=TaskStatus.ACCEPTED, **past)
    more(four, 2, status=TaskStatus.ACCEPTED, due_at=None, original_due_at=None)
    more(two, 2, parent_id=two.id, parent_key=two.id, assigner_unit_id=two.lead_unit_id, **past)
    with reading(office.engine) as session:
        code = session.get_one(Unit, four.lead_unit_id).code
    shared = more(two, 25)
    office.change(
        lambda session: session.add_all(Contribution(task_id=one.id, unit_id=four.lead_unit_id) for one in shared)
    )
    for one in more(two, 2, status=TaskStatus.ACCEPTED):
        office.act(one, Action.RAISE_OBSTACLE, other.id, LAUNCHED, note="vướng", to=code)
    for one in more(two, 3, status=TaskStatus.ACCEPTED):
        office.act(one, Action.RAISE_OBSTACLE, other.id, LAUNCHED, note="vướng")
    for one in more(four, 2, status=TaskStatus.ACCEPTED):
        office.act(one, Action.SUBMIT, lead.id, LAUNCHED, number="1", date=LAUNCHED.date(), subject="a", signer="b")
    later = {"due": date(2026, 12, 30), "note": "chờ"}
    for one in more(four, 2, status=TaskStatus.ACCEPTED):
        office.act(one, Action.ASK_EXTENSION, lead.id, LAUNCHED, **later)
    office.act(one, Action.COUNTER_EXTENSION, four.coordinator_id, LAUNCHED, due=date(2026, 12, 4), note="sớm hơn")
    office.act(more(four)[0], Action.WITHDRAW, four.coordinator_id, LAUNCHED, note="nhầm")
    office.now = LAUNCHED + timedelta(days=7, minutes=30)
    for minutes in (1, 60 * 24 * 7 + 10):
        tick(office.engine, office.settings, now=LAUNCHED + timedelta(minutes=minutes), sender=RecordedSender())
    office.change(_letters)
    office.change(_alerts)
    return office


def _assigned(task: Task) -> History:
    """The line with which every task begins, and the only one that the report needs."""
    due_on = due_date(task.due_at).isoformat() if task.due_at else None
    facts = {"unit": task.lead_unit_id.hex, "root": task.parent_id is None, "drill": False, "due_on": due_on}
    return History(
        recorded_at=LAUNCHED,
        occurred_on=LAUNCHED.date(),
        directive_id=task.directive_id,
        task_id=task.id,
        event="assigned",
        relation="system",
        facts=facts,
    )


def _letters(session: Session) -> None:
    """Some refused, one that waited for weeks before it left, one of an account: the list never shows that."""
    sent = session.scalars(select(Letter).where(Letter.state == LetterState.SENT).order_by(col(Letter.id))).all()
    for letter, values in (
        (sent[0], {"state": LetterState.FAILED}),
        (sent[1], {"slot": LAUNCHED - timedelta(days=40), "sent_at": LAUNCHED + timedelta(days=7)}),
        (sent[2], {"kind": LetterKind.ACCOUNT, "sent_at": LAUNCHED + timedelta(days=7)}),
    ):
        session.execute(update(Letter).where(col(Letter.id) == letter.id).values(**values))


def _alerts(session: Session) -> None:
    calendar = load_calendar(session)
    for subject in ("a", "b", "c"):
        raise_alert(session, AlertKind.JOB_FAILED, subject, now=LAUNCHED, calendar=calendar, facts={"reason": "x"})
    end_alert(session, AlertKind.JOB_FAILED, "a", now=LAUNCHED)


def numbers(text: str) -> Iterator[tuple[str, int]]:
    """Every number of a page that stands in a link to a list, or beside one."""
    links = [*re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', text, re.S)]
    links += re.findall(r'<dt><a href="([^"]+)">[^<]*</a></dt><dd>([^<]*)</dd>', text)
    for href, words in links:
        words = re.sub(r'<span class="cells" aria-hidden="true">.*?</span>', "", words)  # a sign before the number
        href, said = html.unescape(href), " ".join(re.sub("<[^>]+>", " ", words).split())
        if "<title>" in words:  # a bar, such as "20 November 2026: 60", "5 November 2026; 0 of 2 done; 2 overdue"
            said = re.sub(r"^.*; \d+ of (\d+) done.*$", r"\1", said.rpartition(": ")[2])
        elif re.match(r"Item \d|\d+ [A-Z][a-z]+ 20\d\d", said):  # a heading, a day
            continue
        found = re.search(r"^(?:See all |[\d,]+/)?([\d,]+)\b|\(([\d,]+)\)$|(?<=[a-z] )([\d,]+)$|^one\b", said, re.I)
        if found and href.partition("?")[0] in LISTS and "open=" not in href:  # one of the list, not a list
            number = next((one for one in found.groups() if one), "1")
            yield href, int(number.replace(",", ""))


def length(reader: Reader, address: str) -> int:
    """How long a list is, over all its pages."""
    count, here = 0, address
    while here:
        text = reader.get(here).text
        count += LISTS[address.partition("?")[0]](text)
        following = re.search(r'<a href="([^"]+)" rel="next"', text)
        here = html.unescape(following.group(1)) if following else ""
    return count


def test_a_number_counts_the_list_that_it_leads_to(busy: Office) -> None:
    wrong, lists = [], {}
    for (who, page), must_lead_to in PAGES.items():
        reader = busy.sign_in(busy.head(busy.task("4")).code if who == "head" else who)
        told = list(numbers(reader.get(f"{page}?lang=en").text))
        assert must_lead_to <= {href for href, _number in told}, page
        for href, number in told:
            if (who, href) not in lists:
                lists[who, href] = length(reader, href) + _kept_back(href)
            if number != lists[who, href]:
                wrong.append(f"{who}, {page}: {number}, but {href} lists {lists[who, href]}")
    assert not wrong, "\n".join(wrong)


ROLES = (COORDINATOR, "head", ADMINISTRATOR, OBSERVER, CLERK)
EVERYWHERE = (
    *("/", "/work", "/tasks", "/tasks?show=late", "/tasks?show=soon", "/inbox", "/calendar", "/calendar?month=2026-11"),
    *("/directives", BOARD, f"{BOARD}?state=open_overdue", f"{BOARD}/timeline", f"{BOARD}/pictures"),
    *(f"{BOARD}/briefing", "/reports", "/reports/pictures", "/letters", "/receipts", "/notifications"),
    *("/admin", "/admin/mail", "/admin/letters", "/admin/alerts"),
)


@pytest.mark.parametrize("who", ROLES)
def test_every_number_of_every_page_counts_its_list_for_every_role(busy: Office, who: str) -> None:
    reader = busy.sign_in(busy.head(busy.task("4")).code if who == "head" else who)
    wrong, lists, told = [], dict[str, int](), 0
    for page in EVERYWHERE:
        answer = reader.get(f"{page}{'&' if '?' in page else '?'}lang=en")
        if answer.status_code != 200:  # not for this role
            continue
        for href, number in numbers(answer.text):
            told += 1
            if href not in lists:
                lists[href] = length(reader, href) + _kept_back(href)
            if number != lists[href]:
                wrong.append(f"{page}: {number}, but {href} lists {lists[href]}")
    assert not wrong, "\n".join(wrong)
    assert told > 3


def test_the_same_thing_has_the_same_number_on_two_pages(busy: Office) -> None:
    """My work and the list of one's own tasks; the board, the briefing list and the list of a directive."""
    head = busy.sign_in(busy.head(busy.task("4")).code)
    work = dict(numbers(head.get("/work?lang=en").text))
    for need, shown in (("late", "late"), ("accept", "new"), ("due-soon", "soon"), ("waiting", "waiting")):
        assert work.get(f"/work?show={need}", 0) == length(head, f"/tasks?show={shown}&own=1"), need
    coordinator = busy.sign_in(COORDINATOR)
    board = dict(numbers(coordinator.get(f"{BOARD}?lang=en").text))
    briefing = dict(re.findall(r"<h2>([^<:]+): (\d+)</h2>", coordinator.get(f"{BOARD}/briefing?lang=en").text))
    parts = {
        "Overdue": ("open_overdue", "late"),
        "Waiting for a decision": ("waiting", "waiting"),
        "Without a deadline": ("undated", "undated"),
        "Due within 7 days": ("due_soon", "soon"),
    }
    for words, (state, shown) in parts.items():
        listed = length(coordinator, f"{BOARD}?state={state}")
        assert int(briefing.get(words, 0)) == listed, words
        assert board.get(f"{BOARD}?state={state}", listed) == listed, words
        assert listed <= length(coordinator, f"/tasks?show={shown}&directive=ct-06-2004"), "with the parts handed on"


def test_a_board_of_what_is_late_shows_no_rate(busy: Office) -> None:
    reader = busy.sign_in(COORDINATOR)
    assert "completion rate" in reader.get(f"{BOARD}?lang=en").text
    assert "completion rate" not in reader.get(f"{BOARD}?lang=en&state=open_overdue").text


def _kept_back(href: str) -> int:
    """Letters of accounts, which the list tells of in words; the board shows what was withdrawn, outside its total."""
    withdrawn = dict.fromkeys((BOARD, f"{BOARD}?duty=4", f"{BOARD}?unit=VU-KHTC"), -1)
    return ({"/letters": 1} | withdrawn).get(href.partition("?sent")[0], 0)
