"""Check the digital signatures of files in bounded processes, because PDF files may be hostile.

Results for stored files are kept until the roots change. New checks run in threads beside the pages: after
`PAGE_PATIENCE` a page says that a check is under way.
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
from workflows.bounded_process.bounded_call import call_bounded
from workflows.bounded_process.limits import MOST_BYTES, PATIENCE, Unreadable
from workflows.bounded_process.turns import Turns
from workflows.signatures.trusted_roots import digest_of_roots, list_roots

_TURNS = Turns()
"""A queue apart from `TURNS`, so that checks of many files do not delay people who open documents."""


def claims_signature(data: bytes | mmap) -> bool:
    """Tell whether a file may be signed. Each signature has a /ByteRange, which no stream can hide."""
    return data[:5] == b"%PDF-" and data.find(b"/ByteRange") >= 0


def check_signatures(data: bytes, roots: Sequence[bytes], now: datetime) -> FileCheck:
    """Check the signatures of a PDF file against root certificates (DER) as of `now` (UTC). Nothing is fetched.

    A damaged, too large or protected file counts as failed. Only a machine that is too busy raises Unreadable or Busy,
    so that the caller can try again.
    """
    if not claims_signature(data):
        return UNSIGNED
    try:
        with _TURNS.take(None):
            encoded_roots = [b64encode(root).decode() for root in roots]
            answer = call_bounded(
                "workflows.signatures.inspect_pdf.inspect_sent", data, roots=encoded_roots, now=now.isoformat()
            )
    except Unreadable as error:
        if error.facts.get("seconds") == PATIENCE:
            raise
        return FileCheck(has_failed=True)
    signatures = answer["signatures"]
    # without any, the /ByteRange belongs to a signature that no field refers to
    return FileCheck(tuple(map(Signature.of, signatures)), has_failed=not signatures)


PAGE_PATIENCE = 1.0
"""Seconds that a page waits for all its checks together."""
_REMEMBERED = 10_000
_PDF = MEDIA_TYPES[".pdf"]
_log = get_log(__name__)


class Stored(Protocol):
    @property
    def sha256(self) -> str: ...
    @property
    def media_type(self) -> str: ...


class SignatureChecks:
    """The checks of an installation's files: known ones from the database, new ones in two threads of this process."""

    def __init__(self, engine: Engine, evidence: Path, now: Callable[[], datetime]) -> None:
        self._engine, self._evidence, self._now = engine, evidence, now
        self._threads = ThreadPoolExecutor(2, "signatures")
        self._under_way: dict[tuple[str, str], Future[FileCheck | None]] = {}
        self._unsigned: dict[str, None] = {}  # hashes of unsigned files, as most are, in the order of their checks
        self._lock = Lock()

    def of(self, files: Iterable[Stored]) -> dict[str, FileCheck | None]:
        """Return the checks of the PDFs among some files by content hash. A check under way is None."""
        hashes = {file.sha256 for file in files if file.media_type == _PDF}
        checks: dict[str, FileCheck | None] = {sha256: UNSIGNED for sha256 in hashes if self._is_unsigned(sha256)}
        signed = hashes - checks.keys()
        if not signed:
            return checks
        with reading(self._engine) as session:
            roots = digest_of_roots(session)
            query = select(SignatureCheck).where(col(SignatureCheck.sha256).in_(signed), SignatureCheck.roots == roots)
            for row in session.exec(query):
                checks[row.sha256] = FileCheck(tuple(map(Signature.of, row.signatures)), row.has_failed)
        futures = {sha256: self._begin_check(sha256, roots) for sha256 in sorted(signed - checks.keys())}
        wait(futures.values(), PAGE_PATIENCE)
        return checks | {sha256: future.result() if future.done() else None for sha256, future in futures.items()}

    def _is_unsigned(self, sha256: str) -> bool:
        if sha256 in self._unsigned:
            return True
        path = evidence_path(self._evidence, sha256)
        if not path.is_file():
            return True  # missing from the store: opening it reports that
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            if claims_signature(content):
                return False
        while len(self._unsigned) >= _REMEMBERED:
            self._unsigned.pop(next(iter(self._unsigned)), None)
        self._unsigned[sha256] = None
        return True

    def _begin_check(self, sha256: str, roots: str) -> Future[FileCheck | None]:
        with self._lock:
            future = self._under_way.get((sha256, roots))
            if future is None:
                future = self._under_way[sha256, roots] = self._threads.submit(self._check, sha256, roots)
        return future

    def _check(self, sha256: str, roots: str) -> FileCheck | None:
        try:
            return check_stored(self._engine, self._evidence, sha256, self._now())
        except (Unreadable, Busy, OSError, SQLAlchemyError):  # the next page with the file tries again
            _log.exception("signatures_not_checked", file=sha256)
            return None
        finally:
            with self._lock:
                self._under_way.pop((sha256, roots), None)


def check_stored(engine: Engine, evidence: Path, sha256: str, now: datetime) -> FileCheck:
    """Check a stored file against the installed roots, and store the result. Raises Unreadable on a busy machine."""
    with reading(engine) as session:
        root_contents, roots = [root.content for root in list_roots(session)], digest_of_roots(session)
    data = evidence_path(evidence, sha256).read_bytes()
    check = FileCheck(has_failed=True) if len(data) > MOST_BYTES else check_signatures(data, root_contents, now)
    row = SignatureCheck(
        sha256=sha256,
        roots=roots,
        has_failed=check.has_failed,
        signatures=[_plain(signature) for signature in check.signatures],
        checked_at=now,
    )
    try:
        with transaction(engine) as session:
            session.merge(row)
    except IntegrityError:  # another process stored the same result
        _log.debug("signatures_checked_twice", file=sha256)
    return check


def _plain(signature: Signature) -> dict[str, Any]:
    facts = asdict(signature)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}
