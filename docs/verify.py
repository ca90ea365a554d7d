"""Kiểm tra hồ sơ lưu trữ của một văn bản chỉ đạo; checks the archive of a directive. Needs Python 3.9 or newer only.

    python3 verify.py                    (in the unpacked folder; trong thư mục đã giải nén)
    python3 verify.py HOSO.zip           (or the archive as it is; hoặc tệp nén)
    python3 verify.py HOSO.zip --head DIGEST    (12 digits of it or more; ít nhất 12 chữ số)

It says whether every file is as it was written, and whether the history follows from the chain of seals up to its head.
Exit code: 0 whole, 1 something was changed, 2 it cannot be read. This file stands in every archive and imports nothing
but Python's own library.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

CHUNK = 1 << 16
DAMAGED = (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What reading a damaged archive raises."""
MANIFEST, CHECKSUM = "manifest.json", "manifest.sha256"
CHANGED, MISSING, ADDED = "đã bị thay đổi / was changed", "bị thiếu / is missing", "bị thêm vào / was added"
OTHER_DIGEST = "không khớp với dấu niêm / does not fit its seal"


class Broken(Exception):
    """What follows cannot be looked at."""


class Archive:
    """The files of an archive, packed or unpacked, by name."""

    def __init__(self, path: Path) -> None:
        self.folder = path if path.is_dir() else None
        self.packed = None if path.is_dir() else zipfile.ZipFile(path)

    def names(self) -> list[str]:
        if self.packed is not None:
            return [one.filename for one in self.packed.infolist() if not one.is_dir()]
        assert self.folder is not None
        found = (one.relative_to(self.folder).as_posix() for one in self.folder.rglob("*") if one.is_file())
        return sorted(name for name in found if "__pycache__" not in name)

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
    """All that is looked at; `faults` say where and what."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.faults: list[str] = []
        self.counts: dict[str, int] = {"files": 0, "seals": 0, "rows": 0, "tail": 0, "notes": 0, "erased": 0}
        self.manifest: dict[str, Any] = {}
        self.head: str | None = None

    def fault(self, where: str, what: str) -> None:
        self.faults.append(f"{where}: {what}")

    def files(self) -> None:
        """Every file against the manifest, and the manifest against its own checksum."""
        try:
            told = self.archive.read(CHECKSUM)
            written = self.archive.read(MANIFEST)
            self.manifest = json.loads(written)
            files = dict(self.manifest["files"])
        except (KeyError, IndexError, ValueError, TypeError, *DAMAGED) as error:
            raise Broken(f"{MANIFEST}, {CHECKSUM}: {CHANGED} ({error})") from error
        if f"{sha256(written)}  {MANIFEST}\n".encode() != told:
            self.fault(f"{MANIFEST}, {CHECKSUM}", CHANGED)
        names = self.archive.names()
        for name in sorted(set(names) - set(files) - {MANIFEST, CHECKSUM}):
            self.fault(name, ADDED)
        for name in sorted({one for one in names if names.count(one) > 1} if len(names) != len(set(names)) else ()):
            self.fault(name, ADDED)
        known = set(names)
        for name, said in files.items():
            self.counts["files"] += 1
            if name not in known:
                self.fault(name, MISSING)
                continue
            try:
                found = digest_of(self.archive, name)
            except DAMAGED:
                self.fault(name, CHANGED)
                continue
            if found != (said["sha256"], said["size"]):
                self.fault(name, CHANGED)

    def chain(self, wanted: str | None) -> None:
        """The seals one by one up to the head, and each line of the history at its place in its seal."""
        history = enumerate(self.archive.lines("history.jsonl"), 1)
        notes = Notes(self.archive.lines("notes.jsonl"))
        held = map(json.loads, self.archive.lines("seal_rows.jsonl"))
        following: dict[str, Any] | None = next(held, None)
        previous, seen = None, wanted is None
        for number, line in enumerate(self.archive.lines("seals.jsonl"), 1):
            form, said, before, _at, _upto, count, _ids, rows = json.loads(line)
            if (form, said, before) != ("dondoc-seal-1", number, previous):
                self.fault(f"seals.jsonl, {number}", "không nối với dấu niêm trước / does not follow")
            previous = sha256(line)
            seen = seen or previous.startswith(str(wanted))
            self.counts["seals"] += 1
            if following is not None and following["seal"] == number:
                self._seal(following, rows, count, history, notes)
                following = next(held, None)
        self.head = previous
        if following is not None:
            self.fault("seal_rows.jsonl", f"dấu niêm {following['seal']} {MISSING}")
        for place, _line in history:
            self.fault(f"history.jsonl, {place}", OTHER_DIGEST)
        told = self.manifest.get("head") or {}
        if previous != told.get("digest"):
            self.fault("seals.jsonl", f"dấu niêm cuối không khớp / the head is not that of {MANIFEST}")
        if not seen:
            self.fault(f"--head {wanted}", "không có dấu niêm này / no such seal")
        for line in self.archive.lines("history_tail.jsonl"):
            self.counts["tail"] += 1
            notes.take(self, json.loads(line), "history_tail.jsonl")
        notes.end(self)

    def _seal(self, held: dict[str, Any], rows: str, count: int, history: Any, notes: Notes) -> None:
        """The hashes of all rows of a seal, and the lines that stand at this directive's positions."""
        where, packed = f"seal_rows.jsonl, dấu niêm / seal {held['seal']}", bytes.fromhex(held["hashes"])
        if sha256(packed) != rows or len(packed) != 32 * count:
            self.fault(where, CHANGED)
        for position in held["positions"]:
            place, line = next(history, (0, b""))
            at = f"history.jsonl, {place} (dấu niêm / seal {held['seal']}, {position})"
            if not place:
                self.fault(at, MISSING)
                return
            self.counts["rows"] += 1
            if hashlib.sha256(line).digest() != packed[32 * position - 32 : 32 * position]:
                self.fault(at, OTHER_DIGEST)
                continue
            notes.take(self, json.loads(line), at)

    def evidence(self) -> None:
        """The files of results and messages and the letters are those whose hashes stand beside them."""
        files = self.manifest["files"]
        for name in ("results.jsonl", "messages.jsonl", "letters.jsonl"):
            if name == "messages.jsonl" and name not in files:  # an archive from before there were conversations
                continue
            for line in self.archive.lines(name):
                row = json.loads(line)
                for one in row.get("evidence", [row]):
                    if one.get("file") and files.get(one["file"], {}).get("sha256") != one["sha256"]:
                        self.fault(one["file"], f"không khớp với / is not the one of {name}")


class Notes:
    """The words beside the lines, which stand in the order of the lines; one that is not there was erased."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines = map(json.loads, lines)
        self.following = next(self.lines, None)

    def take(self, check: ArchiveCheck, row: list[Any], where: str) -> None:
        row_id, hash_ = row[2], row[11]
        note = self.following
        if note is None or note["history_id"] != row_id:
            check.counts["erased"] += hash_ is not None
            return
        self.following = next(self.lines, None)
        check.counts["notes"] += 1
        if sha256((note["salt"] + note["text"]).encode("utf-8", "surrogatepass")) != hash_:
            check.fault(f"notes.jsonl, {where}", CHANGED)

    def end(self, check: ArchiveCheck) -> None:
        if self.following is not None:
            check.fault(f"notes.jsonl, {self.following['history_id']}", ADDED)


def check(path: Path, head: str | None = None) -> ArchiveCheck:
    """Look at everything."""
    looked = ArchiveCheck(Archive(path))
    looked.files()
    try:
        looked.chain(head)
        looked.evidence()
    except (ValueError, KeyError, TypeError, IndexError, *DAMAGED) as error:
        looked.fault("history", f"không đọc được / cannot be read: {error}")
    return looked


def main(given: list[str]) -> int:
    write = sys.stdout.write
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    head: str | None = None
    if "--head" in given:
        at = given.index("--head")
        head, given = "".join(given[at + 1 : at + 2]).lower(), given[:at] + given[at + 2 :]
    is_head = head is None or re.fullmatch("[0-9a-f]{12,64}", head)  # fewer digits fit some seal of any chain
    if len(given) > 1 or any(one.startswith("-") for one in given) or not is_head:
        write(str(__doc__))
        return 2
    try:
        looked = check(Path(given[0]) if given else Path(__file__).resolve().parent, head)
    except Broken as fault:
        write(f"HỎNG / BROKEN\n  {fault}\n")
        return 1
    except (OSError, zipfile.BadZipFile) as error:
        write(f"Không đọc được / cannot be read: {error}\n")
        return 2
    counts = looked.counts
    write(f"{counts['files']} tệp / files\n")
    if looked.head is not None:
        write(
            f"{counts['seals']} dấu niêm / seals, {counts['rows']} dòng / lines, "
            f"{counts['tail']} chưa niêm / not sealed\n"
        )
        write(f"{counts['notes']} lời kèm / notes, {counts['erased']} đã xoá / erased\n")
        write(f"dấu niêm cuối / head: {looked.head}\n")
    if looked.faults:
        write("HỎNG / BROKEN\n" + "".join(f"  {one}\n" for one in looked.faults))
        return 1
    write("NGUYÊN VẸN / WHOLE\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
