"""Check the digital signatures of files, in processes of their own with bounds: PDF files are hostile input.

What was found of stored files is kept until the roots change; what is not yet known is looked into beside the pages. A
page never waits for a file that takes long: after `PAGE_PATIENCE` it says that the check is under way.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from datetime import datetime
from mmap import ACCESS_READ, mmap
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.errors import Busy
from models.operations.logs import get_log
from models.signatures.signature_facts import UNSIGNED, FileCheck, Signature
from models.signatures.trust import SignatureCheck
from models.tasks.evidence_files import MEDIA_TYPES, evidence_path
from workflows.apart.apart import ask_apart
from workflows.apart.limits import MOST_BYTES, PATIENCE, Unreadable
from workflows.apart.turns import Turns
from workflows.signatures.trusted_roots import digest_of_roots, list_roots

_TURNS = Turns()
"""Of their own: checks of many files must not hold up the people whose documents are opened."""


def claims_signature(data: bytes | mmap) -> bool:
    """Return whether a file may be signed: each signature names its bytes, and no stream can hide that."""
    return data[:5] == b"%PDF-" and data.find(b"/ByteRange") >= 0


def check_signatures(data: bytes, roots: Sequence[bytes], now: datetime) -> FileCheck:
    """Return the signatures of a PDF file, checked against root certificates (DER) as of `now` (UTC).

    Nothing is fetched. A file that cannot be looked at (damaged, too large, with a password) comes back as failed;
    only a machine that is too busy raises Unreadable or Busy, so that somebody may try again.
    """
    if not claims_signature(data):
        return UNSIGNED
    try:
        with _TURNS.take(None):
            told = [b64encode(one).decode() for one in roots]
            answer = ask_apart("workflows.signatures.inspect_pdf.inspect_sent", data, roots=told, now=now.isoformat())
    except Unreadable as error:
        if error.facts.get("seconds") == PATIENCE:
            raise
        return FileCheck(has_failed=True)
    found = answer["signatures"]
    return FileCheck(tuple(map(Signature.of, found)), has_failed=not found)  # a signature that no field leads to


PAGE_PATIENCE = 1.0
"""Seconds that a page waits for checks that are under way, all together."""
_REMEMBERED = 10_000
_PDF = MEDIA_TYPES[".pdf"]
_log = get_log(__name__)


class Stored(Protocol):
    @property
    def sha256(self) -> str: ...
    @property
    def media_type(self) -> str: ...


class SignatureChecks:
    """The checks of an installation's files: kept ones from the database, new ones in threads of this process.

    Two at once; each starts a bound process. Results are the same in every process, so none asks another.
    """

    def __init__(self, engine: Engine, evidence: Path, now: Callable[[], datetime]) -> None:
        self._engine, self._evidence, self._now = engine, evidence, now
        self._threads = ThreadPoolExecutor(2, "signatures")
        self._under_way: dict[tuple[str, str], Future[FileCheck | None]] = {}
        self._unsigned: dict[str, None] = {}  # contents that are not signed, as most are: known without the database
        self._lock = Lock()

    def of(self, files: Iterable[Stored]) -> dict[str, FileCheck | None]:
        """Return what is known of the PDFs among some files, by content hash; None while it is being found out."""
        hashes = {one.sha256 for one in files if one.media_type == _PDF}
        found: dict[str, FileCheck | None] = {one: UNSIGNED for one in hashes if self._is_unsigned(one)}
        open_ones = hashes - found.keys()
        if not open_ones:
            return found
        with reading(self._engine) as session:
            roots = digest_of_roots(session)
            kept = select(SignatureCheck).where(
                col(SignatureCheck.sha256).in_(open_ones), SignatureCheck.roots == roots
            )
            found |= {
                one.sha256: FileCheck(tuple(map(Signature.of, one.signatures)), one.has_failed)
                for one in session.exec(kept)
            }
        asked = {one: self._ask(one, roots) for one in sorted(open_ones - found.keys())}
        wait(asked.values(), PAGE_PATIENCE)
        return found | {one: future.result() if future.done() else None for one, future in asked.items()}

    def _is_unsigned(self, sha256: str) -> bool:
        if sha256 in self._unsigned:
            return True
        path = evidence_path(self._evidence, sha256)
        if not path.is_file():
            return True  # missing from the store: told where it is opened
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            if claims_signature(content):
                return False
        while len(self._unsigned) >= _REMEMBERED:
            self._unsigned.pop(next(iter(self._unsigned)), None)
        self._unsigned[sha256] = None
        return True

    def _ask(self, sha256: str, roots: str) -> Future[FileCheck | None]:
        with self._lock:
            under_way = self._under_way.get((sha256, roots))
            if under_way is None:
                under_way = self._under_way[sha256, roots] = self._threads.submit(self._check, sha256, roots)
        return under_way

    def _check(self, sha256: str, roots: str) -> FileCheck | None:
        try:
            return check_stored(self._engine, self._evidence, sha256, self._now())
        except (Unreadable, Busy, OSError, SQLAlchemyError):  # the next look at the file tries again
            _log.exception("signatures_not_checked", file=sha256)
            return None
        finally:
            with self._lock:
                self._under_way.pop((sha256, roots), None)


def check_stored(engine: Engine, evidence: Path, sha256: str, now: datetime) -> FileCheck:
    """Check a stored file against the roots of now, and keep what was found. Unreadable where the machine is busy."""
    with reading(engine) as session:
        installed = list_roots(session)
        contents, roots = [one.content for one in installed], digest_of_roots(session)
    data = evidence_path(evidence, sha256).read_bytes()
    found = FileCheck(has_failed=True) if len(data) > MOST_BYTES else check_signatures(data, contents, now)
    row = SignatureCheck(
        sha256=sha256,
        roots=roots,
        has_failed=found.has_failed,
        signatures=[_plain(one) for one in found.signatures],
        checked_at=now,
    )
    try:
        with transaction(engine) as session:
            session.merge(row)
    except IntegrityError:  # another process was as quick, and found the same
        _log.debug("signatures_checked_twice", file=sha256)
    return found


def _plain(signature: Signature) -> dict[str, Any]:
    facts = asdict(signature)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}
