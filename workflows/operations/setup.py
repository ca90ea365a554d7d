"""Set up an installation: schema, keys, and the bundled directive with its demo register."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, select

from models.database.run import LINK_KEY, Installation
from models.database.schema import migrate
from models.database.schema_state import SchemaState, refuse_older, refuse_unfit, state_of
from models.database.seal_keys import begin_signing
from models.database.sealed import check_keys, keys_in, name_key, stored_secrets
from models.database.session import transaction
from models.organization.unit import Unit
from workflows.organization.register.spreadsheet.import_register import (
    TABLES,
    GivenRegister,
    import_register,
    open_register,
)
from workflows.templates.pack_file import Pack, read_pack
from workflows.templates.packs import bundled, import_directive
from workflows.templates.publish import publish_all

BUNDLED = "ct-06-2004"


@dataclass(frozen=True)
class SetUp:
    """The changes of a set-up. All are false and zero if there was nothing left to do."""

    migrated: bool = False
    key_made: bool = False
    units: int = 0
    people: int = 0
    directive: str | None = None
    templates: int = 0

    @property
    def changed(self) -> bool:
        return self != SetUp()


def set_up(engine: Engine, *, now: datetime, example: bool = False) -> SetUp:
    """Prepare an empty database; with `example`, load the bundled organisation and directive into an empty register.

    A register with units is left alone, so a repeat changes nothing. Raises Refused for a schema of another version,
    KeyMissing without the key of its secrets, and BadInput if the key cannot be made.
    """
    state = state_of(engine)
    refuse_unfit(state)
    refuse_older(state)
    if migrated := state is SchemaState.NONE:
        if (keys := keys_in(engine)) is not None:
            keys.make()  # first, because it may fail
        migrate(engine)
    bundle = _read_bundle() if example else None
    with transaction(engine) as session:
        check_keys(session.connection())
        key_made = _make_link_key(session)
        begin_signing(session.connection())
        if bundle is None or session.exec(select(Unit.id).limit(1)).first() is not None:
            return SetUp(migrated, key_made)
        return _load(session, bundle, now, migrated=migrated, key_made=key_made)


def _make_link_key(session: Session) -> bool:
    """Make the key of links if there is none. A key for secrets is named only while there is no sealed secret."""
    if session.get(Installation, LINK_KEY) is not None:
        return False
    connection = session.connection()
    keys = keys_in(connection)
    if keys is not None and next(stored_secrets(connection), None) is None:
        name_key(connection, keys.make().id)
    session.add(Installation(name=LINK_KEY, secret=secrets.token_urlsafe(32)))
    session.flush()
    return True


def _read_bundle() -> tuple[GivenRegister, Pack]:
    folder = next(path for path in bundled() if path.name == BUNDLED)
    tables = {table: folder / "register" / f"{table}.csv" for table in TABLES}
    return open_register(**tables), read_pack(folder)


def _load(
    session: Session, bundle: tuple[GivenRegister, Pack], now: datetime, *, migrated: bool, key_made: bool
) -> SetUp:
    register, pack = bundle
    imported_register = import_register(session, register, now=now)
    imported = import_directive(session, pack, now=now)
    published = publish_all(session, imported.directive.id, now=now)
    return SetUp(
        migrated=migrated,
        key_made=key_made,
        units=imported_register.units.created,
        people=imported_register.people.created,
        directive=imported.directive.code,
        templates=len(published),
    )
