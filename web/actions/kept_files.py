"""Files that were sent and stored while their form is still being filled in: named by what only we can have signed."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from itsdangerous import BadSignature

from models.tasks.evidence_files import StoredFile
from web.request.cookies import signed
from web.request.form_input import FormInput

_LASTS = timedelta(days=1)


class KeptTokens(FormInput):
    """The files of a form's steps before, by their tokens; `drop`: those ticked to be left out."""

    kept: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeptFile:
    """A stored file, and the token by which the form's next step names it."""

    file: StoredFile
    token: str


class FormFiles:
    def __init__(self, key: str, task_id: UUID, person_id: UUID, now: datetime) -> None:
        self._serializer = signed(key, "kept-file")
        self._about, self._now = [task_id.hex, person_id.hex], now

    def keep(self, file: StoredFile) -> KeptFile:
        at = int(self._now.timestamp())
        return KeptFile(file, str(self._serializer.dumps([*self._about, at, asdict(file)])))

    def kept(self, given: KeptTokens) -> list[KeptFile]:
        """The files of the steps before, less those to be left out; old and foreign ones are passed over."""
        tokens = [one for one in given.kept if one not in given.drop]
        return [KeptFile(file, token) for token in tokens if (file := self._read(token)) is not None]

    def _read(self, token: str) -> StoredFile | None:
        try:
            task, person, at, file = self._serializer.loads(token)
        except (BadSignature, ValueError, TypeError):
            return None
        is_fresh = 0 <= self._now.timestamp() - at <= _LASTS.total_seconds()
        return StoredFile(**file) if [task, person] == self._about and is_fresh else None
