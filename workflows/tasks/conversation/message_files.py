"""The files of messages: handed to those who read the message."""

from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from models.errors import NotFound
from models.settings import Settings
from models.tasks.conversation import ConversationFile
from models.tasks.evidence import evidence_path
from workflows.tasks.conversation.conversation_access import Conversation, find_message


def open_message_file(
    session: Session, conversation: Conversation, file_id: UUID, settings: Settings
) -> tuple[ConversationFile, Path]:
    """Return a file of a message, and where the store keeps it. NotFound where it is none of the reader's."""
    file = session.get(ConversationFile, file_id)
    if file is None:
        raise NotFound("there is no such file")
    try:
        find_message(session, conversation, file.message_id)
    except NotFound as error:
        raise NotFound("there is no such file") from error
    path = evidence_path(settings.evidence, file.sha256)
    if not path.is_file():
        raise NotFound("the file {file} is missing from the store: tell the administrator", file=file.filename)
    return file, path
