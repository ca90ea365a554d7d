"""Set up an installation: schema, the key for letters' links, and the bundled directive with its demo register."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, select

from models.database.run import LINK_KEY, Installation
from models.database.schema import migrate
from models.database.schema_state import SchemaState, refuse_unfit, state_of
from models.database.sealing import keys_in, put, value_place
from models.database.session import transaction
from models.database.upgrade import upgrade
from models.organization.unit import Unit
from workflows.access.secret_upkeep import seal_rest
from workflows.organization.register.spreadsheet.import_register import import_register
from workflows.templates.pack_file import read_pack
from workflows.templates.packs import bundled, import_directive
from workflows.templates.publish import publish_all

BUNDLED = "ct-06-2004"


@dataclass(frozen=True)
class SetUp:
    """What setting up did; all false and zero when there was nothing left to do."""

    migrated: bool = False
    key_made: bool = False
    units: int = 0
    people: int = 0
    directive: str | None = None
    templates: int = 0
    sealed: int = 0
    """Secrets that had stood in clear."""

    @property
    def changed(self) -> bool:
        return self != SetUp()


def set_up(engine: Engine, *, now: datetime, example: bool = False) -> SetUp:
    """Bring the schema up to date; with `example` fill an empty register with the bundled organisation and directive.

    A register with units in it is somebody's own by now and is left alone, so that a repeat changes nothing.
    Refused: the schema is newer than this program.
    """
    migrated = bring_up_to_date(engine)
    with transaction(engine) as session:
        sealed = seal_rest(session)
        key_made = _make_key(session)
        if not example or session.exec(select(Unit.id).limit(1)).first() is not None:
            return SetUp(migrated, key_made, sealed=sealed)
        return replace(_load_bundled(session, now, migrated=migrated, key_made=key_made), sealed=sealed)


def bring_up_to_date(engine: Engine) -> bool:
    """Migrates where that is to be done; whether it was. On PostgreSQL older programs may be at work and can go on.

    Refused: the schema is newer than this program. BadInput where the key of its secrets cannot be made.
    """
    state = state_of(engine)
    refuse_unfit(SchemaState.NEWER if state is SchemaState.AHEAD else state)
    if state is SchemaState.CURRENT:
        return False
    if state is SchemaState.NONE and (keys := keys_in(engine)) is not None:
        keys.make()  # where it cannot be made nothing is begun
    if state is SchemaState.OLDER and engine.dialect.name == "postgresql":
        return upgrade(engine)
    migrate(engine)
    return True


def _make_key(session: Session) -> bool:
    if session.get(Installation, LINK_KEY) is not None:
        return False
    made = put(session, value_place(LINK_KEY), secrets.token_urlsafe(32))
    session.add(Installation(name=LINK_KEY, value=made))
    session.flush()
    return True


def _load_bundled(session: Session, now: datetime, *, migrated: bool, key_made: bool) -> SetUp:
    folder = next(path for path in bundled() if path.name == BUNDLED)
    register = folder / "register"
    told = import_register(session, register / "units.csv", register / "people.csv", register / "absences.csv", now=now)
    imported = import_directive(session, read_pack(folder), now=now)
    published = publish_all(session, imported.directive.id, now=now)
    return SetUp(
        migrated=migrated,
        key_made=key_made,
        units=told.units.created,
        people=told.people.created,
        directive=imported.directive.code,
        templates=len(published),
    )
