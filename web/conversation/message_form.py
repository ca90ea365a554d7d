"""The form of a message: what was typed, and the files that were sent with it, kept while it is corrected."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from models.database.ids import new_id
from models.errors import Refused
from models.tasks.evidence_files import MOST_FILES, clean_name, store_file
from web.actions import submitted_action
from web.actions.kept_files import FormFiles, KeptFile
from web.conversation.placed import Placed
from web.request.form_input import text
from web.request.given_values import id_or_none
from web.request.request_context import RequestContext


@dataclass(frozen=True)
class MessageForm:
    """What the form holds. `nonce` becomes the message's id, so that a form sent twice writes one message."""

    nonce: UUID
    text: str = ""
    mention: str = ""
    quote: bool = False
    question: bool = False
    to_all: bool = False
    answers: UUID | None = None
    kept: tuple[KeptFile, ...] = ()

    @property
    def mentioned(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for part in self.mention.split(";") for one in _codes(part)))

    @property
    def given(self) -> dict[str, Any]:
        given: dict[str, Any] = {
            "text": self.text,
            "mention": self.mentioned,
            "quote": self.quote,
            "question": self.question,
            "to_all": self.to_all,
            "file": tuple(one.file for one in self.kept),
        }
        return given | ({"answers": self.answers} if self.answers else {})


def _codes(part: str) -> list[str]:
    return [one.strip().removeprefix("@") for one in part.split(",") if one.strip()]


def blank_form(answers: UUID | None) -> MessageForm:
    return MessageForm(nonce=new_id(), answers=answers)


def read_form(context: RequestContext, placed: Placed, form: FormData) -> MessageForm:
    return MessageForm(
        nonce=id_or_none(text(form, "nonce")) or new_id(),
        text=text(form, "text"),
        mention="; ".join(str(one) for one in form.getlist("mention") if str(one).strip()),
        quote=text(form, "quote") == "on",
        question=text(form, "question") == "on" or placed.only_asks,
        to_all=text(form, "to_all") == "on",
        answers=id_or_none(text(form, "answers")),
        kept=tuple(_files(context, placed).kept(form)),
    )


def store_uploads(context: RequestContext, placed: Placed, form: FormData, wanted: MessageForm) -> MessageForm:
    """Return the form with the files that were sent, stored, so that no correction asks for them again.

    BadInput for a file that is none of the accepted kinds; Refused for too many, and where none may be given.
    """
    sent, settings = submitted_action.uploads(form), context.settings
    if sent and not placed.may_attach:
        raise Refused("no file may be given here: {file}", file=clean_name(sent[0].name))
    if len(wanted.kept) + len(sent) > MOST_FILES:
        raise Refused("at most {most} files belong to one message", most=MOST_FILES)
    stored = [store_file(settings.evidence, one, max_bytes=settings.evidence_max_bytes) for one in sent]
    return replace(wanted, kept=(*wanted.kept, *map(_files(context, placed).keep, stored)))


def _files(context: RequestContext, placed: Placed) -> FormFiles:
    subject = placed.task_id or placed.directive_id
    return FormFiles(context.site.key, subject, context.person.id, context.now)
