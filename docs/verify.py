"""Kiểm tra hồ sơ lưu trữ của một văn bản chỉ đạo; checks the archive of a directive. Needs Python 3.9 or newer only.

    python3 verify.py                    (in the unpacked folder; trong thư mục đã giải nén)
    python3 verify.py HOSO.zip           (or the archive as it is; hoặc tệp nén)
    python3 verify.py HOSO.zip --head DIGEST    (12 digits of it or more; ít nhất 12 chữ số)

It tells whether every file is unchanged, and whether the history matches the chain of seals up to its head.
Exit code: 0 unchanged, 1 something was changed, 2 it cannot be read. This file is in every archive and needs only
Python's own library.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

CHUNK = 1 << 16
DAMAGED = (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""The errors that reading a damaged archive raises."""
MANIFEST, CHECKSUM = "manifest.json", "manifest.sha256"
CHANGED, MISSING, ADDED = "đã bị thay đổi / was changed", "bị thiếu / is missing", "bị thêm vào / was added"
OTHER_DIGEST = "không khớp với dấu niêm / does not fit its seal"


class Broken(Exception):
    """The manifest is unusable, so nothing else can be checked."""


class Archive:
    """The files of an archive, packed or unpacked, by name."""

    def __init__(self, path: Path) -> None:
        self.folder = path if path.is_dir() else None
        self.packed = None if path.is_dir() else zipfile.ZipFile(path)

    def names(self) -> list[str]:
        if self.packed is not None:
            return [entry.filename for entry in self.packed.infolist() if not entry.is_dir()]
        assert self.folder is not None
        names = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        return sorted(name for name in names if "__pycache__" not in name)

    def open(self, name: str) -> IO[bytes]:
        if self.packed is not None:
            return self.packed.open(name)
        assert self.folder is not None
        return (self.folder / name).open("rb")

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file, without their ends."""
        with self.open(name) as file:
            for line in file:
                yield line.rstrip(b"\n")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest_of(archive: Archive, name: str) -> tuple[str, int]:
    """Return a file's SHA-256 and size, read piece by piece."""
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


class ArchiveCheck:
    """The check of an archive. Each of its `faults` says where and what."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.faults: list[str] = []
        self.counts: dict[str, int] = {"files": 0, "seals": 0, "rows": 0, "tail": 0, "notes": 0, "erased": 0}
        self.manifest: dict[str, Any] = {}
        self.head: str | None = None

    def fault(self, where: str, what: str) -> None:
        self.faults.append(f"{where}: {what}")

    def check_files(self) -> None:
        """Compare every file with the manifest, and the manifest with its own checksum."""
        try:
            checksum = self.archive.read(CHECKSUM)
            manifest = self.archive.read(MANIFEST)
            self.manifest = json.loads(manifest)
            files = dict(self.manifest["files"])
        except (KeyError, IndexError, ValueError, TypeError, *DAMAGED) as error:
            raise Broken(f"{MANIFEST}, {CHECKSUM}: {CHANGED} ({error})") from error
        if f"{sha256(manifest)}  {MANIFEST}\n".encode() != checksum:
            self.fault(f"{MANIFEST}, {CHECKSUM}", CHANGED)
        counts = Counter(self.archive.names())
        for name in sorted(set(counts) - set(files) - {MANIFEST, CHECKSUM}):
            self.fault(name, ADDED)
        for name in sorted(name for name, count in counts.items() if count > 1):
            self.fault(name, ADDED)
        for name, listed in files.items():
            self.counts["files"] += 1
            if name not in counts:
                self.fault(name, MISSING)
                continue
            try:
                digest = digest_of(self.archive, name)
            except DAMAGED:
                self.fault(name, CHANGED)
                continue
            if digest != (listed["sha256"], listed["size"]):
                self.fault(name, CHANGED)

    def check_chain(self, wanted_head: str | None) -> None:
        """Check the seals one by one up to the head, and each line of the history at its place in its seal."""
        history = enumerate(self.archive.lines("history.jsonl"), 1)
        notes = Notes(self.archive.lines("notes.jsonl"))
        seal_rows = map(json.loads, self.archive.lines("seal_rows.jsonl"))
        next_rows: dict[str, Any] | None = next(seal_rows, None)
        previous, is_head_there = None, wanted_head is None
        for number, line in enumerate(self.archive.lines("seals.jsonl"), 1):
            form, written_number, written_previous, _at, _upto, count, _ids, rows_digest = json.loads(line)
            if (form, written_number, written_previous) != ("dondoc-seal-1", number, previous):
                self.fault(f"seals.jsonl, {number}", "không nối với dấu niêm trước / does not follow")
            previous = sha256(line)
            is_head_there = is_head_there or previous.startswith(str(wanted_head))
            self.counts["seals"] += 1
            if next_rows is not None and next_rows["seal"] == number:
                self._check_rows(next_rows, rows_digest, count, history, notes)
                next_rows = next(seal_rows, None)
        self.head = previous
        if next_rows is not None:
            self.fault("seal_rows.jsonl", f"dấu niêm {next_rows['seal']} {MISSING}")
        for place, _line in history:
            self.fault(f"history.jsonl, {place}", OTHER_DIGEST)
        head = self.manifest.get("head") or {}
        if previous != head.get("digest"):
            self.fault("seals.jsonl", f"dấu niêm cuối không khớp / the head is not that of {MANIFEST}")
        if not is_head_there:
            self.fault(f"--head {wanted_head}", "không có dấu niêm này / no such seal")
        for line in self.archive.lines("history_tail.jsonl"):
            self.counts["tail"] += 1
            notes.check(self, json.loads(line), "history_tail.jsonl")
        notes.check_end(self)

    def _check_rows(self, seal: dict[str, Any], rows_digest: str, count: int, history: Any, notes: Notes) -> None:
        """Check the hashes of all rows of a seal, and the lines at this directive's positions."""
        where, hashes = f"seal_rows.jsonl, dấu niêm / seal {seal['seal']}", bytes.fromhex(seal["hashes"])
        if sha256(hashes) != rows_digest or len(hashes) != 32 * count:
            self.fault(where, CHANGED)
        for position in seal["positions"]:
            place, line = next(history, (0, b""))
            where = f"history.jsonl, {place} (dấu niêm / seal {seal['seal']}, {position})"
            if not place:
                self.fault(where, MISSING)
                return
            self.counts["rows"] += 1
            if hashlib.sha256(line).digest() != hashes[32 * position - 32 : 32 * position]:
                self.fault(where, OTHER_DIGEST)
                continue
            notes.check(self, json.loads(line), where)

    def check_evidence(self) -> None:
        """Compare letters and the files of results and messages with the hashes in their rows."""
        files = self.manifest["files"]
        for name in ("results.jsonl", "messages.jsonl", "letters.jsonl"):
            if name == "messages.jsonl" and name not in files:  # an archive from before there were conversations
                continue
            for line in self.archive.lines(name):
                row = json.loads(line)
                for file in row.get("evidence", [row]):
                    if file.get("file") and files.get(file["file"], {}).get("sha256") != file["sha256"]:
                        self.fault(file["file"], f"không khớp với / is not the one of {name}")


class Notes:
    """The notes of the history's lines, in the order of the lines. A missing note was erased."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.notes = map(json.loads, lines)
        self.next_note = next(self.notes, None)

    def check(self, check: ArchiveCheck, row: list[Any], where: str) -> None:
        row_id, note_hash = row[2], row[11]
        note = self.next_note
        if note is None or note["history_id"] != row_id:
            check.counts["erased"] += note_hash is not None
            return
        self.next_note = next(self.notes, None)
        check.counts["notes"] += 1
        if sha256((note["salt"] + note["text"]).encode("utf-8", "surrogatepass")) != note_hash:
            check.fault(f"notes.jsonl, {where}", CHANGED)

    def check_end(self, check: ArchiveCheck) -> None:
        if self.next_note is not None:
            check.fault(f"notes.jsonl, {self.next_note['history_id']}", ADDED)


def check(path: Path, head: str | None = None) -> ArchiveCheck:
    archive_check = ArchiveCheck(Archive(path))
    archive_check.check_files()
    try:
        archive_check.check_chain(head)
        archive_check.check_evidence()
    except (ValueError, KeyError, TypeError, IndexError, *DAMAGED) as error:
        archive_check.fault("history", f"không đọc được / cannot be read: {error}")
    return archive_check


def main(arguments: list[str]) -> int:
    write = sys.stdout.write
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    head: str | None = None
    if "--head" in arguments:
        index = arguments.index("--head")
        head = "".join(arguments[index + 1 : index + 2]).lower()
        arguments = arguments[:index] + arguments[index + 2 :]
    is_head = head is None or re.fullmatch("[0-9a-f]{12,64}", head)  # fewer digits fit some seal of any chain
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments) or not is_head:
        write(str(__doc__))
        return 2
    try:
        result = check(Path(arguments[0]) if arguments else Path(__file__).resolve().parent, head)
    except Broken as fault:
        write(f"HỎNG / BROKEN\n  {fault}\n")
        return 1
    except (OSError, zipfile.BadZipFile) as error:
        write(f"Không đọc được / cannot be read: {error}\n")
        return 2
    counts = result.counts
    write(f"{counts['files']} tệp / files\n")
    if result.head is not None:
        write(
            f"{counts['seals']} dấu niêm / seals, {counts['rows']} dòng / lines, "
            f"{counts['tail']} chưa niêm / not sealed\n"
        )
        write(f"{counts['notes']} lời kèm / notes, {counts['erased']} đã xoá / erased\n")
        write(f"dấu niêm cuối / head: {result.head}\n")
    if result.faults:
        write("HỎNG / BROKEN\n" + "".join(f"  {fault}\n" for fault in result.faults))
        return 1
    write("NGUYÊN VẸN / WHOLE\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
