"""Checks of the history's seals and their signatures, and of the key that seals secrets."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.seal_keys import SealKeyMissing, read_signing_key, seal_keys_of
from models.database.secret_keys import keys_of
from models.i18n import Words, _
from models.tasks.history import History, HistorySeal
from workflows.history.checkpoint import keepers
from workflows.history.seal import lost_head
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, moment_words, ok, warning
from workflows.operations.secret_upkeep import check_secrets

_SOON = timedelta(minutes=15)
_KEEPERS = 2
"""People who get the newest seal by mail. One mailbox may be lost, or whoever rewrites the history may reach it."""


def history(case: CheckedInstallation, session: Session) -> Finding:
    """Check how old the unsealed lines are. `dondoc verify` checks the chain itself, because it must read all of it."""
    unsealed_since = session.scalar(select(func.min(History.recorded_at)).where(col(History.seal_id).is_(None)))
    newest = col(HistorySeal.number).desc()
    sealed_at = session.execute(select(col(HistorySeal.sealed_at)).order_by(newest).limit(1)).scalar()
    if unsealed_since is not None and case.now - unsealed_since > _SOON:
        return warning(
            _(
                "not sealed since {moment}: what was recorded since then could be changed unnoticed",
                moment=moment_words(unsealed_since),
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
        return _too_few_keepers(sorted(known))
    if sealed_at is None:
        return ok(_("nothing to seal yet"))
    return ok(_("sealed; the newest seal is of {moment}"), moment=moment_words(sealed_at))


def _too_few_keepers(codes: list[str]) -> Finding:
    words = _("nobody gets the history's newest seal by mail: should all of it be rewritten, nobody finds out")
    if codes:
        words = _("only {code} gets the history's newest seal by mail; two people should", code=codes[0])
    return warning(
        words,
        _(
            "set checkpoint_to in dondoc.toml (or DONDOC_CHECKPOINT_TO) to the codes of two people whose mailboxes "
            "the database's administrator cannot reach, separated by a comma"
        ),
    )


def signatures(case: CheckedInstallation, session: Session) -> Finding:
    """Check that seals are signed, that their key is on this machine, and that its newest seal is in the history."""
    keys, signing_key = seal_keys_of(case.settings), read_signing_key(session.connection())
    public_keys = keys.public_keys()
    if (lost := lost_head(session, keys)) is not None:
        return broken(
            _("seal {number}, which this machine signed, is not in the history any more", number=lost.number),
            _(
                "nothing is sealed: compare with a mailed checkpoint (dondoc verify --head DIGEST), and see who "
                "changed the database; if it was set back on purpose without `dondoc restore`, delete {path}",
                path=str(keys.head_file),
            ),
        )
    if public_keys and signing_key != public_keys[-1]:
        return broken(
            _("the database and {path} name different keys for the seals", path=str(keys.public_file)),
            _("find out who changed either; a change of the key that was broken off: `dondoc secrets rotate-seals`"),
        )
    if signing_key is None:
        return warning(
            _("the history's seals are not signed: who writes the database can rewrite them"),
            _("run `dondoc init`; with several machines first put a key into DONDOC_SEALS_KEY (docs/many-machines.md)"),
        )
    if signing_key.digits not in keys.public_halves():
        missing = SealKeyMissing(signing_key.digits, keys.private.place)
        return broken(
            Words(missing.message, **missing.facts),
            _("nothing is sealed without it, and no report becomes final (docs/runbook.md)"),
        )
    if not public_keys:
        return warning(
            _("{path} is not here: `dondoc verify` cannot check signatures", path=str(keys.public_file)),
            _("run `dondoc init`: it writes the file, and changes nothing else"),
        )
    return ok(_("signed from seal {number} on; public key {key}"), number=signing_key.first, key=signing_key.digits)


def secrets(case: CheckedInstallation, session: Session) -> Finding:
    """Check that the key is on this machine, that other users may not read it, and that it opens every secret."""
    check = check_secrets(session.connection())
    if check.fault is not None:
        return broken(
            Words(check.fault.message, **check.fault.facts),
            _("bring the key back before anything else: nothing starts without it (docs/runbook.md)"),
        )
    if check.locked:
        places = [secret.place for secret in check.locked[:10]]
        return broken(
            _("cannot be opened, though the key is here: {places}", places=places),
            _("somebody changed or moved them: find out who, then `dondoc secrets give-up --dry-run`"),
        )
    keys, place = keys_of(case.settings).read(), keys_of(case.settings).place
    if check.key_id is not None and keys[0].id != check.key_id:
        return warning(
            _("sealed with the key {key}; another one stands first in {place}", key=check.key_id, place=place),
            _("finish with `dondoc secrets rotate`"),
        )
    return ok(_("sealed with the key {key} in {place}"), key=check.key_id or "–", place=place)
