"""The chain of seals: what can be wrong with it, and which of the rows of one seal is the first that does not fit."""

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
    """The first break: `position` counts from 1 within the seal, `found_at` where the row stands now. Ids as text."""

    fault: ChainFault
    seal: int | None = None
    position: int | None = None
    row_id: str | None = None
    task_id: str | None = None
    found_at: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Verified:
    """What was looked at, up to the first break. `head` is the newest seal's digest: keep it elsewhere."""

    seals: int = 0
    rows: int = 0
    head: str | None = None
    sealed_at: datetime | None = None
    notes: int = 0  # still there, and as they were written
    erased: int = 0  # their hash stays, and the chain holds
    late: int = 0  # sealed after a seal that had passed their moment
    tail: int = 0
    tail_since: datetime | None = None
    signed: int = 0  # by the key that signs there
    unsigned: int = 0  # from before seals were signed
    broken: Break | None = None


@dataclass(frozen=True)
class ChainEntry:
    id: str
    hash: bytes


@dataclass(frozen=True)
class Mismatch:
    """The first place (from 0) that does not fit, the row it is about, and where that stands now."""

    fault: ChainFault
    place: int
    row_id: str
    found_at: int | None = None


def first_mismatch(sealed: Sequence[ChainEntry], found: Sequence[ChainEntry]) -> Mismatch | None:
    """Return the first row, in sealed order, that is not there as it was sealed; `found` in the order of moments and
    ids.
    """
    for place, entry in enumerate(sealed):
        here = found[place] if place < len(found) else None
        if here is None or here.id != entry.id:
            return _misplaced(place, sealed, found)
        if here.hash != entry.hash:
            return Mismatch(ChainFault.ROW_CHANGED, place, entry.id)
    return Mismatch(ChainFault.ROW_ADDED, len(sealed), found[len(sealed)].id) if len(found) > len(sealed) else None


def _misplaced(place: int, sealed: Sequence[ChainEntry], found: Sequence[ChainEntry]) -> Mismatch:
    """Return the mismatch at a place where another row than the sealed one stands, or none."""
    entry, here = sealed[place], found[place] if place < len(found) else None
    sealed_at = {one.id: at for at, one in enumerate(sealed)}
    if here is not None and here.id not in sealed_at:
        return Mismatch(ChainFault.ROW_ADDED, place, here.id)
    now = next((at for at, one in enumerate(found) if one.id == entry.id), None)
    if now is None or here is None:
        return Mismatch(ChainFault.ROW_MISSING, place, entry.id)
    other = sealed_at[here.id]
    moved, shifted = found[now].hash != entry.hash, here.hash != sealed[other].hash
    if moved == shifted:  # two have changed places
        return Mismatch(ChainFault.ROW_OUT_OF_ORDER, place, entry.id, now)
    # one was given another moment, and the others have closed up
    return (
        Mismatch(ChainFault.ROW_CHANGED, place, entry.id, now)
        if moved
        else Mismatch(ChainFault.ROW_CHANGED, other, here.id, place)
    )
