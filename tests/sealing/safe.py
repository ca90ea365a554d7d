"""An office that uses every kind of secret, and how a thief or a new program reads it."""

import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlmodel import select

from models.database.run import LINK_KEY, WEB_PUSH_KEY, installation_secret
from models.database.secret_keys import Keys
from models.database.session import open_engine, reading, transaction
from models.organization.access import KeptAnswer, Webhook
from models.organization.account import Account
from models.organization.person import Person
from models.text.localtime import local_date
from tests.office import Office, at
from workflows.access.accounts.totp import begin_totp, confirm_totp, is_totp_code
from workflows.access.rights import read_principal
from workflows.channels.choices import switch_push
from workflows.channels.webhooks import make_webhook

HEAD, OTHER, ADMINISTRATOR = "luong.thi.ngan", "ta.ba.toan", "dang.thu.thuy"
NOW = at(2, hour=9)


class Safe:
    """An office that uses every kind of secret, and what these are in clear."""

    def __init__(self, office: Office, keys: Keys) -> None:
        self.office, self.keys = office, keys
        self.clear: dict[str, str] = {}

    @property
    def engine(self) -> Engine:
        return self.office.engine

    def use(self) -> None:
        """Two people turn the second step on, a webhook is made, browsers may be subscribed, an answer is kept."""
        for who in (HEAD, OTHER):
            with transaction(self.engine) as session:
                person = self.office.person(who)
                self.clear[who] = pyotp.parse_uri(begin_totp(session, person)).secret
                assert confirm_totp(session, person, self.app(who).at(NOW), now=NOW)
        with transaction(self.engine) as session:
            principal = read_principal(session, self.office.person(ADMINISTRATOR), local_date(NOW))
            hook = make_webhook(
                session,
                principal,
                name="Trục",
                url="https://example.vn/",
                events=[],
                directive=None,
                settings=self.office.settings,
                now=NOW,
            )
            self.clear["webhook"] = hook.secret
            body = f'{{"secret": "{self.clear["webhook"]}"}}'.encode()
            owner = self.office.person(HEAD).id
            session.add(
                KeptAnswer(
                    person_id=owner,
                    key="k.1",
                    request_hash="0",
                    kept_at=NOW,
                    status=201,
                    media_type="application/json",
                    body=body,
                )
            )
            switch_push(session, principal, on=True, now=NOW)
        with reading(self.engine) as session:
            for name in (LINK_KEY, WEB_PUSH_KEY):
                self.clear[name] = installation_secret(session, name) or ""
        assert all(len(one) > 20 for one in self.clear.values()) and len(self.clear) == 5

    def app(self, who: str = HEAD) -> pyotp.TOTP:
        return pyotp.TOTP(self.clear[who])

    def person_id(self, code: str) -> UUID:
        """The id of a person."""
        with reading(self.engine) as session:
            return session.exec(select(Person.id).where(Person.code == code)).one()

    def opened(self, keys: Keys | None = None) -> dict[str, str]:
        """Every secret as a program that starts now reads it."""
        engine = open_engine(url_of(self.engine), keys or Keys(self.keys.file))
        try:
            with reading(engine) as session:
                found = {name: installation_secret(session, name) or "" for name in (LINK_KEY, WEB_PUSH_KEY)}
                hook = session.exec(select(Webhook)).one()
                found["webhook"] = hook.secret
                answer = session.exec(select(KeptAnswer)).one()
                assert answer.body is not None and found["webhook"].encode() in answer.body
            for who in (HEAD, OTHER):
                with transaction(engine) as session:
                    person_id = self.person_id(who)
                    session.get_one(Account, person_id).totp_last_step = 0
                    session.flush()
                    if is_totp_code(session, person_id, self.app(who).at(NOW), now=NOW):
                        found[who] = self.clear[who]
            return found
        finally:
            engine.dispose()


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def dump(engine: Engine, tmp_path: Path) -> bytes:
    """All that a thief of the database has."""
    if engine.dialect.name == "sqlite":
        engine.dispose()  # folds the write-ahead log into the file
        file = Path(engine.url.database or "")
        return b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    url = make_url(url_of(engine)).set(drivername="postgresql").render_as_string(hide_password=False)
    done = subprocess.run(["pg_dump", url], capture_output=True, check=True)
    return done.stdout


def kept(engine: Engine, table: str, column: str, where: str = "true") -> list[Any]:
    query = text(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL AND {where}")
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())
