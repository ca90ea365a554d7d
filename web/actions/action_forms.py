"""The form of each action: its words, and its fields, which have the names of the action's input (`act_inputs.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from models.directives.template import RequiredResult
from models.i18n import _
from workflows.rules.tasks.actions import Action

A = Action


class Kind(StrEnum):
    TEXT = "text"
    AREA = "area"
    DATE = "date"
    MOMENT = "moment"
    LINK = "link"
    OFFICER = "officer"  # one of the people of the lead unit
    COORDINATOR = "coordinator"  # one of those who may follow the task up
    UNIT = "unit"  # any unit that may lead, by name or code
    UNITS = "units"  # some of the subordinate units
    FILES = "files"


@dataclass(frozen=True)
class FormField:
    """A field. `is_past`: its day is today or earlier, else today or later. `needed`: required by the form alone."""

    name: str
    kind: Kind
    label: str
    hint: str = ""
    is_past: bool = False
    needed: bool = False


@dataclass(frozen=True)
class ActionForm:
    """The form of an action. `lead` says what the action does, `next` what follows from it.

    `for_many` says what follows if it is done to many tasks at once. `is_checked`: the answers are shown once more
    before they are sent.
    """

    lead: str
    next: str
    fields: tuple[FormField, ...]
    is_checked: bool = False
    is_grave: bool = False
    for_many: str = ""


_COMMENT = FormField("note", Kind.AREA, _("Comment"))
_NUMBER = FormField("number", Kind.TEXT, _("Number of the document"), _("as on the document, such as 12/BC-TCT-T"))
_DATE = FormField("date", Kind.DATE, _("Date of the document"), is_past=True)
_SUBJECT = FormField("subject", Kind.AREA, _("Subject of the document"))
_SIGNER = FormField("signer", Kind.TEXT, _("Signer"))


def _why(label: str, hint: str = "") -> FormField:
    return FormField("note", Kind.AREA, label, hint)


def _due(label: str) -> FormField:
    return FormField("due", Kind.DATE, label)


def _unit(label: str, hint: str = "") -> FormField:
    return FormField("to", Kind.UNIT, label, hint)


_UNIT_TOLD = _("The unit is informed by letter, with your words.")
FORMS: dict[Action, ActionForm] = {
    A.ACCEPT: ActionForm(
        _("You accept the task for your unit. The person who follows it up sees that."),
        _("The task is under way. Its page shows the deadline and everything you may do."),
        (_COMMENT,),
    ),
    A.ASSIGN: ActionForm(
        _("The officer is informed by letter and may report, ask and send the result. Your unit remains responsible."),
        _("The officer is informed by letter. You continue to get the letters about the task."),
        (FormField("to", Kind.OFFICER, _("Officer")), _why(_("Instruction"))),
    ),
    A.PROGRESS: ActionForm(
        _("Report the progress in a few words. Reminders continue until the result is sent."),
        _("Your comment is kept in the history of the task, for the person who follows it up."),
        (replace(_why(_("Progress of the work")), needed=True),),
    ),
    A.SUBMIT: ActionForm(
        _("Give the result document as it was signed. It counts as sent today."),
        _(
            "The person who follows the task up is informed and decides; until then you are not "
            "reminded. After approval the day of sending counts, however late the approval comes."
        ),
        (
            _NUMBER,
            _DATE,
            replace(_SUBJECT, needed=True),
            replace(_SIGNER, needed=True),
            FormField("file", Kind.FILES, _("Files")),
            FormField("link", Kind.LINK, _("Link to the document"), _("if it can be read on the document exchange")),
            _COMMENT,
        ),
        is_checked=True,
    ),
    A.TAKE_BACK: ActionForm(
        _("The result goes back to your unit as if it had not been sent. It stays in the history as taken back."),
        _("The task is again where it was before. Reminders continue until the result is sent."),
        (_why(_("Reason")),),
    ),
    A.RECEIVE: ActionForm(
        _("The unit's written report has arrived, on paper or by the document exchange. The day it arrived counts."),
        _("The unit is no longer reminded. The person who follows the task up is informed and decides."),
        (_NUMBER, _DATE, FormField("received_on", Kind.DATE, _("Day it arrived"), is_past=True), _SUBJECT, _SIGNER),
    ),
    A.RETURN: ActionForm(
        _("The result goes back to the unit with your reason. Until a new one comes the task is not done."),
        _UNIT_TOLD,
        (_why(_("Missing parts")),),
    ),
    A.APPROVE: ActionForm(
        _("The task is done. On time or late is judged by the day the result was sent, not by today."),
        _("The task is done, and the unit is informed by letter."),
        (_COMMENT,),
    ),
    A.UNDO_APPROVAL: ActionForm(
        _("The result waits for your decision again, as if you had not approved it. The unit gets no letter about it."),
        _("The result waits for your decision again. Approve it, or return it for completion."),
        (_COMMENT,),
    ),
    A.NOT_OURS: ActionForm(
        _(
            "Say why the task is not your unit's function and, if you know, which unit should lead it. Until that is "
            "decided, the task stays with your unit."
        ),
        _("The person who follows the task up is informed and decides. Until then your unit is not reminded."),
        (_why(_("Why it is not your function")), _unit(_("Unit that should lead"))),
    ),
    A.CHANGE_LEAD: ActionForm(
        _("Another unit leads from now on and must accept again. The deadline stays as it is."),
        _("The heads of both units are informed by letter."),
        (_unit(_("New lead unit")), _why(_("Reason"))),
        for_many=_("The new lead unit must accept; both heads are informed, with the reason."),
    ),
    A.KEEP_LEAD: ActionForm(_("The unit continues to lead the task."), _UNIT_TOLD, (_why(_("Reason")),)),
    A.CHANGE_COORDINATOR: ActionForm(
        _("Another coordinator follows the task up, gets its letters and decides from now on."),
        _("Both are informed by letter."),
        (FormField("to", Kind.COORDINATOR, _("New coordinator")), _COMMENT),
        for_many=_("Letters and decisions about these tasks go to this person from now on; both are informed."),
    ),
    A.REMIND: ActionForm(
        _(
            "The head and the officer get a letter, at once within sending hours, else at 08:00 of the next working "
            "day. Once a day."
        ),
        _("The letter leaves by itself, unless the result comes in before."),
        (_COMMENT,),
        for_many=_(
            "Each unit's head and officer get one letter about their tasks, at once within sending hours, "
            "else at 08:00 of the next working day. A unit is reminded of a task once a day."
        ),
    ),
    A.TELEPHONE: ActionForm(
        _("Record who answered, and when. It is shown on the task's page, beside the letters."),
        _("The call is shown on the task's page."),
        (
            FormField("answered_by", Kind.TEXT, _("Answered by")),
            FormField("at", Kind.MOMENT, _("When"), _("left empty: now")),
            _why(_("What was said")),
        ),
    ),
    A.ASK_EXTENSION: ActionForm(
        _("Ask for a later deadline and say why. The original deadline is kept and appears in every report."),
        _(
            "The person who may move the deadline is informed and decides. Until then your unit is "
            "not reminded, and the deadline stays."
        ),
        (_due(_("Deadline requested")), _why(_("Why you need more time"))),
    ),
    A.GRANT_EXTENSION: ActionForm(
        _("The deadline becomes the requested one. The original deadline still appears in every report."),
        _("The unit is informed by letter, with the new calendar entry."),
        (_COMMENT,),
    ),
    A.REFUSE_EXTENSION: ActionForm(_("The deadline stays as it is."), _UNIT_TOLD, (_why(_("Reason")),)),
    A.COUNTER_EXTENSION: ActionForm(
        _("Propose another deadline. The unit agrees or declines; until then the deadline stays as it is."),
        _("The unit is informed by letter, and answers."),
        (_due(_("Deadline proposed")), _why(_("Reason"))),
    ),
    A.AGREE_EXTENSION: ActionForm(
        _("The deadline becomes the proposed one."),
        _("The new deadline applies. The person who proposed it is informed."),
        (_COMMENT,),
    ),
    A.DECLINE_EXTENSION: ActionForm(
        _("You keep the current deadline."),
        _("The deadline stays as it is. The person who proposed another is informed."),
        (_COMMENT,),
    ),
    A.RAISE_OBSTACLE: ActionForm(
        _("Say what the obstacle is and what you need. The report goes to an authority, which must answer."),
        _("The authority is informed, and must answer. Until then your unit is not reminded."),
        (_why(_("Obstacle")), _unit(_("Send it to another authority"))),
    ),
    A.ANSWER_OBSTACLE: ActionForm(
        _("Your answer goes to the unit, and its work goes on."), _UNIT_TOLD, (_why(_("Your answer")),)
    ),
    A.CONTRIBUTE: ActionForm(
        _("Report what your unit has done for this task. That is recorded once."),
        _("The lead unit is informed by letter."),
        (_why(_("Your unit's contribution")),),
    ),
    A.CASCADE: ActionForm(
        _(
            "Each unit gets a task of its own under yours, and a letter. You can send your own result after theirs "
            "are approved."
        ),
        _("The units are informed by letter. Their tasks are shown on the page of yours."),
        (
            FormField("units", Kind.UNITS, _("Units")),
            FormField("due", Kind.DATE, _("Their deadline"), _("left empty: the same as yours")),
            _why(_("Instruction")),
        ),
        is_checked=True,
    ),
    A.PRESS_SIGNED: ActionForm(
        _("Enter the number, date and signer of the signed official reminder."),
        _("The next one that is drafted is counted after this one."),
        (_NUMBER, _DATE, _SIGNER),
    ),
    A.WITHDRAW: ActionForm(
        _("The task and its delegated parts end. It leaves the figures from today on."),
        _("The unit is informed by letter, with your reason. The task can be reopened."),
        (_why(_("Reason")),),
        is_checked=True,
        is_grave=True,
        for_many=_(
            "Withdrawn tasks leave the total of every report from today; the units are informed, with the reason."
        ),
    ),
    A.REOPEN: ActionForm(
        _("The task is open again under its own number, with its history."), _UNIT_TOLD, (_why(_("Reason")),)
    ),
    A.SET_DATE: ActionForm(
        _(
            "The unit is informed, and reminded by this deadline. If there was one already, "
            "say why it moves; the original is kept."
        ),
        _("The unit is informed by letter, with the calendar entry."),
        (_due(_("Last permitted day")), _why(_("Reason"))),
        for_many=_("The original deadline of a task is always kept; heads and officers get the new one with its .ics."),
    ),
}
FORMS[A.CORRECT] = replace(
    FORMS[A.SUBMIT],
    lead=_(
        "Change what is wrong; the rest stays as it was sent, its files too unless you leave them out. The corrected "
        "result replaces the one that waits, and counts as sent today; the former stays in the history as replaced."
    ),
)
_CLASSIFIED = ActionForm(
    _(
        "This result goes by classified mail. Record only the document's number and date: no "
        "subject, file or link may be entered."
    ),
    FORMS[A.SUBMIT].next,
    (_NUMBER, _DATE),
    is_checked=True,
)


def initial_values(action: Action, fields: Sequence[FormField], *, today: date, head: str | None) -> dict[str, str]:
    if action is not Action.SUBMIT:
        return {}
    values = {"date": today.isoformat(), "signer": head or ""}
    return {field.name: values[field.name] for field in fields if field.name in values}


def form_of(action: Action, result: RequiredResult) -> ActionForm:
    if action in (A.SUBMIT, A.CORRECT) and result.classified_mail:
        return _CLASSIFIED
    form = FORMS[action]
    if action in (A.SUBMIT, A.CORRECT) and result.file_required:
        hint = _("this result needs a file, or a link")
        fields = tuple(replace(field, hint=hint) if field.name == "file" else field for field in form.fields)
        return replace(form, fields=fields)
    return form
