"""Check of what is sealed in the database, and of its key."""

from sqlmodel import Session

from models.database.secret_keys import keys_of
from models.database.upgrade import is_finished
from models.i18n import Words, _
from workflows.access.secret_upkeep import look
from workflows.operations.doctor.finding import Case, Finding, broken, ok, warning


def secrets(case: Case, session: Session) -> Finding:
    """Sealed, with a key that is here and closed to others, and each opens."""
    keys = keys_of(case.settings)
    found = look(session, keys)
    if found.fault is not None:
        return broken(
            "secrets",
            Words(found.fault.message, **found.fault.facts),
            Words(_("bring the key back before anything else: nothing starts without it (docs/runbook.md)")),
        )
    if found.locked:
        places = [f"{one.place.table} {one.place.row}" for one in found.locked]
        return broken(
            "secrets",
            Words(_("cannot be opened, though the key is here: {places}"), places=places[:10]),
            Words(_("somebody changed or moved them: find out who, then `dondoc secrets give-up --dry-run`")),
        )
    if found.key_id is None or found.clear:
        count = found.clear.total()
        words = Words(_("in clear in the database: {count}; a holder of a back-up has them"), count=count)
        if is_finished(session.connection()):
            return warning("secrets", words, Words(_("run `dondoc init`: it seals them, and changes nothing else")))
        return warning(
            "secrets", words, Words(_("once no older program runs on any machine: `dondoc upgrade --finish`"))
        )
    if len(keys.read()) > 1:
        return warning(
            "secrets",
            Words(_("sealed with the key {key}; {place} has others beside it"), key=found.key_id, place=keys.place),
            Words(_("finish with `dondoc secrets rotate`, or take away what no back-up needs")),
        )
    return ok("secrets", _("sealed with the key {key} in {place}"), key=found.key_id, place=keys.place)
