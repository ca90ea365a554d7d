"""The chain of seals over the history: the faults it can have, and the first row of a seal that does not match."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.i18n import Labelled, _


class ChainFault(Labelled):
    ROW_CHANGED = "row_changed", _("a line was changed after it was sealed")
    ROW_MISSING = "row_missing", _("a line was removed")
    ROW_ADDED = "row_added", _("a line stands here that was never sealed here")
    ROW_OUT_OF_ORDER = "row_out_of_order", _("a line was put elsewhere: the order was changed")
    NOTE_CHANGED = "note_changed", _("the words beside a line are not those that were recorded")
    SEAL_CHANGED = "seal_changed", _("the seal does not follow from the one before it: it was changed")
    SEAL_MISSING = "seal_missing", _("a seal was removed")
    SIGNATURE_MISSING = "signature_missing", _("the seal is not signed, and was made when all were")
    SIGNATURE_WRONG = "signature_wrong", _("the signature is not that of this installation's key over this seal")
    HEAD_LOST = (
        "head_lost",
        _("this seal was signed here and is not in the chain any more: it was removed, or written anew"),
    )
    HEAD_UNKNOWN = (
        "head_unknown",
        _("no seal has the digest that was kept elsewhere: the chain was written anew, or cut short"),
    )
    TASK_MISSING = "task_missing", _("the history speaks of a task that was removed")
    LETTER_MISSING = "letter_missing", _("a letter was removed that somebody was told by")
    UNREADABLE = "unreadable", _("the database cannot be read here: {reason}")


@dataclass(frozen=True)
class Break:
    """The first break of the chain. Ids are text.

    `position` is the row's place within the seal, from 1. `found_at` is the place where the row stands now.
    """

    fault: ChainFault
    seal: int | None = None
    position: int | None = None
    row_id: str | None = None
    task_id: str | None = None
    found_at: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Verified:
    """The counts of a verification, up to the first break.

    `head` is the digest of the newest seal. The office keeps it elsewhere, so that a rewritten chain is noticed.
    """

    seals: int = 0
    rows: int = 0
    head: str | None = None
    sealed_at: datetime | None = None
    notes: int = 0  # present, and as they were written
    erased: int = 0  # notes whose hash remains, so that the chain holds
    late: int = 0  # rows that an earlier seal should have covered
    tail: int = 0  # rows that no seal covers yet
    tail_since: datetime | None = None
    signed: int = 0  # seals
    unsigned: int = 0  # seals from before this installation signed them
    broken: Break | None = None


@dataclass(frozen=True)
class ChainEntry:
    id: str
    hash: bytes


@dataclass(frozen=True)
class Mismatch:
    """The first place (from 0) that does not match, the row concerned, and the place where that row stands now."""

    fault: ChainFault
    place: int
    row_id: str
    found_at: int | None = None


def first_mismatch(sealed: Sequence[ChainEntry], stored: Sequence[ChainEntry]) -> Mismatch | None:
    """Return the first difference, in sealed order, between a seal's rows and the stored rows, ordered as history."""
    for place, expected in enumerate(sealed):
        actual = stored[place] if place < len(stored) else None
        if actual is None or actual.id != expected.id:
            return _mismatch_at(place, sealed, stored)
        if actual.hash != expected.hash:
            return Mismatch(ChainFault.ROW_CHANGED, place, expected.id)
    if len(stored) > len(sealed):
        return Mismatch(ChainFault.ROW_ADDED, len(sealed), stored[len(sealed)].id)
    return None


def _mismatch_at(place: int, sealed: Sequence[ChainEntry], stored: Sequence[ChainEntry]) -> Mismatch:
    """Say what is wrong at a place where the sealed row does not stand."""
    expected, actual = sealed[place], stored[place] if place < len(stored) else None
    sealed_places = {entry.id: entry_place for entry_place, entry in enumerate(sealed)}
    if actual is not None and actual.id not in sealed_places:
        return Mismatch(ChainFault.ROW_ADDED, place, actual.id)
    present_place = next((at for at, entry in enumerate(stored) if entry.id == expected.id), None)
    if present_place is None or actual is None:
        return Mismatch(ChainFault.ROW_MISSING, place, expected.id)
    actual_place = sealed_places[actual.id]
    is_expected_changed = stored[present_place].hash != expected.hash
    is_actual_changed = actual.hash != sealed[actual_place].hash
    if is_expected_changed == is_actual_changed:  # two rows have changed places
        return Mismatch(ChainFault.ROW_OUT_OF_ORDER, place, expected.id, present_place)
    # one row was given another moment, and the rows between moved up
    if is_expected_changed:
        return Mismatch(ChainFault.ROW_CHANGED, place, expected.id, present_place)
    return Mismatch(ChainFault.ROW_CHANGED, actual_place, actual.id, place)
