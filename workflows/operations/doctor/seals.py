"""Checks of seals: of the history, soon made and kept elsewhere, and of the secrets, with their key at hand."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.seal_keys import SealKeyMissing, read_mark, seal_keys_of
from models.database.secret_keys import keys_of
from models.i18n import Words, _
from models.tasks.history import History, HistorySeal
from workflows.history.checkpoint import keepers
from workflows.history.seal import lost_head
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, moment_words, ok, warning
from workflows.operations.secret_upkeep import look

_SOON = timedelta(minutes=15)
_KEEPERS = 2
"""Of one alone the mailbox can be lost, or be in the reach of whoever rewrites the history."""


def history(case: CheckedInstallation, session: Session) -> Finding:
    """The age of the unsealed tail; the chain itself is for `dondoc verify`, which reads all of it."""
    since = session.scalar(select(func.min(History.recorded_at)).where(col(History.seal_id).is_(None)))
    newest = col(HistorySeal.number).desc()
    head = session.execute(select(col(HistorySeal.sealed_at)).order_by(newest).limit(1)).scalar()
    if since is not None and case.now - since > _SOON:
        return warning(
            _(
                "not sealed since {moment}: what was recorded since then could be changed unnoticed",
                moment=moment_words(since),
            ),
            _("the tick seals it: see that `dondoc serve` runs; once by hand: dondoc schedule run tick"),
        )
    known = {person.code for person in keepers(session, case.settings.checkpoint_to) if person.email}
    if lost := sorted(set(case.settings.checkpoint_to) - known):
        return warning(
            _("checkpoint_to: nobody with a mail address has the code {codes}", codes=lost),
            _("correct it in dondoc.toml; expected codes as `dondoc person list` shows them"),
        )
    if len(known) < _KEEPERS:
        return _too_few(sorted(known))
    if head is None:
        return ok(_("nothing to seal yet"))
    return ok(_("sealed; the newest seal is of {moment}"), moment=moment_words(head))


def _too_few(codes: list[str]) -> Finding:
    words = (
        _("only {code} gets the history's newest seal by mail; two people should", code=codes[0])
        if codes
        else _("nobody gets the history's newest seal by mail: should all of it be rewritten, nobody finds out")
    )
    return warning(
        words,
        _(
            "set checkpoint_to in dondoc.toml (or DONDOC_CHECKPOINT_TO) to the codes of two people whose mailboxes "
            "the database's administrator cannot reach, separated by a comma"
        ),
    )


def signatures(case: CheckedInstallation, session: Session) -> Finding:
    """Signed, with a key that is here, and the newest seal that this machine signed is there."""
    keys, mark = seal_keys_of(case.settings), read_mark(session.connection())
    publics = keys.publics()
    if (lost := lost_head(session, keys)) is not None:
        return broken(
            _("seal {number}, which this machine signed, is not in the history any more", number=lost.number),
            _(
                "nothing is sealed: compare with a mailed checkpoint (dondoc verify --head DIGEST), and see who "
                "changed the database; if it was set back on purpose without `dondoc restore`, delete {path}",
                path=str(keys.head_file),
            ),
        )
    if publics and mark != publics[-1]:
        return broken(
            _("the database and {path} name different keys for the seals", path=str(keys.public_file)),
            _("find out who changed either; a change of the key that was broken off: `dondoc secrets rotate-seals`"),
        )
    if mark is None:
        return warning(
            _("the history's seals are not signed: who writes the database can rewrite them"),
            _("run `dondoc init`; with several machines first put a key into DONDOC_SEALS_KEY (docs/many-machines.md)"),
        )
    if mark.digits not in keys.held():
        missing = SealKeyMissing(mark.digits, keys.private.place)
        return broken(
            Words(missing.message, **missing.facts),
            _("nothing is sealed without it, and no report becomes final (docs/runbook.md)"),
        )
    if not publics:
        return warning(
            _("{path} is not here: `dondoc verify` cannot check signatures", path=str(keys.public_file)),
            _("run `dondoc init`: it writes the file, and changes nothing else"),
        )
    return ok(_("signed from seal {number} on; public key {key}"), number=mark.first, key=mark.digits)


def secrets(case: CheckedInstallation, session: Session) -> Finding:
    """Sealed, with a key that is here and closed to others, and each opens."""
    found = look(session.connection())
    if found.fault is not None:
        return broken(
            Words(found.fault.message, **found.fault.facts),
            _("bring the key back before anything else: nothing starts without it (docs/runbook.md)"),
        )
    if found.locked:
        return broken(
            _("cannot be opened, though the key is here: {places}", places=[one.place for one in found.locked[:10]]),
            _("somebody changed or moved them: find out who, then `dondoc secrets give-up --dry-run`"),
        )
    keys, place = keys_of(case.settings).read(), keys_of(case.settings).place
    if found.key_id is not None and keys[0].id != found.key_id:
        return warning(
            _("sealed with the key {key}; another one stands first in {place}", key=found.key_id, place=place),
            _("finish with `dondoc secrets rotate`"),
        )
    return ok(_("sealed with the key {key} in {place}"), key=found.key_id or "–", place=place)
