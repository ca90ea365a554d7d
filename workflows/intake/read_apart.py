"""Read a text in a process of its own, in a turn: no page waits for it, and nobody who wants to write."""

from uuid import UUID

from models.errors import BadInput, Refused
from workflows.bounded_process.bounded_call import call_bounded, naming_file
from workflows.bounded_process.limits import MOST_CHARACTERS
from workflows.bounded_process.turns import TURNS
from workflows.intake.bounded import READING
from workflows.intake.text.reading import Reading


def read_apart(name: str, text: str, by: UUID | None = None) -> Reading:
    """Return the draft of a text; what is past the bounds of `bounded.py` is named as unread.

    `name` is the file's, for the message of a fault; `by` is the person whose page or call waits for it, None for a
    command or a job. Refused for a text that is stamped secret, BadInput for one without words or too long, Busy.
    """
    if not text.strip():
        raise BadInput("text: there are no words in it")
    if len(text) > MOST_CHARACTERS:
        raise BadInput("text: {count} characters; at most {limit}", count=len(text), limit=MOST_CHARACTERS)
    with naming_file(name), TURNS.take(by):
        answer = call_bounded("workflows.intake.bounded.read_sent", text.encode())
    if "refused" in answer:
        raise Refused(answer["refused"], **answer["facts"])
    return READING.validate_python(answer["reading"])
