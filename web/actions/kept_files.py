"""Files that are stored while their form is still being filled in. The form names them by signed tokens."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from itsdangerous import BadSignature

from models.tasks.evidence_files import StoredFile
from web.request.cookies import signed
from web.request.form_input import FormInput

_LASTS = timedelta(days=1)


class KeptTokens(FormInput):
    """The tokens of files from earlier steps of a form. `drop`: those ticked to be left out."""

    kept: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeptFile:
    """A stored file, and the token by which the form's next step names it."""

    file: StoredFile
    token: str


class FormFiles:
    """Signs and reads the tokens of one person's form for one task."""

    def __init__(self, key: str, task_id: UUID, person_id: UUID, now: datetime) -> None:
        self._serializer = signed(key, "kept-file")
        self._owner, self._now = [task_id.hex, person_id.hex], now

    def keep(self, file: StoredFile) -> KeptFile:
        stored_at = int(self._now.timestamp())
        return KeptFile(file, str(self._serializer.dumps([*self._owner, stored_at, asdict(file)])))

    def read(self, form: KeptTokens) -> list[KeptFile]:
        """Return the files that are not to be left out. Tokens that are old or belong to others are passed over."""
        tokens = [token for token in form.kept if token not in form.drop]
        return [KeptFile(file, token) for token in tokens if (file := self._read(token)) is not None]

    def _read(self, token: str) -> StoredFile | None:
        try:
            task, person, stored_at, file = self._serializer.loads(token)
        except (BadSignature, ValueError, TypeError):
            return None
        is_fresh = 0 <= self._now.timestamp() - stored_at <= _LASTS.total_seconds()
        return StoredFile(**file) if [task, person] == self._owner and is_fresh else None
