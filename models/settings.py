"""Settings: flag > environment (`DONDOC_…`) > `dondoc.toml` in the data folder > default."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from models.errors import BadInput
from models.i18n import _
from models.text.faults import invalid


def data_folder() -> Path:
    """Return the folder of database, mailbox and evidence: `DONDOC_DATA`, else `./var`."""
    return Path(os.environ.get("DONDOC_DATA", "var")).resolve()


def settings_file() -> Path:
    return data_folder() / "dondoc.toml"


def mail_in_environment() -> frozenset[str]:
    """Return the fields of `mail` that the environment sets (`DONDOC_MAIL_HOST`, or all by `DONDOC_MAIL` as JSON)."""
    names = {name.lower() for name in os.environ}
    if "dondoc_mail" in names:
        return frozenset(MailSettings.model_fields)
    return frozenset(field for field in MailSettings.model_fields if f"dondoc_mail_{field}" in names)


def _listed(given: Any) -> Any:
    """Split a list that an environment variable writes with commas."""
    return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given


def _api_url(given: str) -> str:
    """Check the address of Prefect's API, and remove the slash at its end."""
    url = given.strip().rstrip("/")
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?/api", url):
        raise invalid(_("not the address of a Prefect server's API; expected something like http://10.0.0.5:4200/api"))
    return url


def _site_url(given: str) -> str:
    """Check the site's address, and remove the slash at its end, because letters append paths to it."""
    url = given.strip().rstrip("/")
    try:
        parts = HttpUrl(url)
        is_site = parts.path == "/" and not (parts.query or parts.fragment or parts.username or "\\" in url)
    except ValidationError:
        is_site = False
    if not is_site:
        raise invalid(_("not the address of a site; expected something like https://dondoc.example.vn, without a path"))
    return url


def listening_at(host: str, port: int) -> str:
    """Return an address under which a browser on this machine finds the site."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def _server_database(given: SecretStr) -> SecretStr:
    """Rewrite the address for asyncpg, which Prefect's own server uses for PostgreSQL."""
    url = re.sub(r"^(postgres|postgresql|postgresql\+psycopg)://", "postgresql+asyncpg://", given.get_secret_value())
    if not re.fullmatch(r"postgresql\+asyncpg://\S+/\S+", url):
        raise invalid(_("not a PostgreSQL database; expected postgresql://user:password@host/prefect"))
    return SecretStr(url)


def _token_address(given: str) -> str:
    """Check that the name leaves room for a token of 48 characters; it may have 64."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,15}@[A-Za-z0-9]([A-Za-z0-9.-]{0,150}[A-Za-z0-9])?", given):
        raise invalid(_("not an address with at most 15 characters before its @; expected bounce@office.example"))
    return given


def _domains(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the domains in lower case, without an @ before them."""
    domains = tuple(one.strip().lower().removeprefix("@") for one in given)
    if not all(re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?", one) and "." in one for one in domains):
        raise invalid(_("not a mail domain; expected something like mpt.gov.vn"))
    return domains


def _as_octal(given: Any) -> Any:
    """Accept permissions also as TOML's number (0o770)."""
    return f"{given:04o}" if isinstance(given, int) and not isinstance(given, bool) else given


def _folder_mode(given: str) -> str:
    """Check that the permissions let this program use the folder."""
    if not re.fullmatch(r"[02]?7[0-7]{2}", given):
        raise invalid(_("not the permissions of a folder; expected something like 0770, with a 7 for its owner"))
    return given


class MailSettings(BaseModel):
    """How letters leave. `local` is the embedded mailbox: a real SMTP server on loopback that keeps its mail."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["local", "smtp"] = "local"
    host: str = "127.0.0.1"
    port: int = Field(default=2525, ge=1, le=65535)
    user: str | None = None
    password: SecretStr | None = None
    security: Literal["none", "starttls", "tls"] = "none"
    sender: str = "dondoc@mpt.example"
    sender_name: str = "Hệ thống Đôn đốc"
    timeout_seconds: float = Field(
        default=120.0, gt=0, le=300, description="For all before a letter's text, from the connection on"
    )
    # RFC 5321, 4.5.3.2: who leaves sooner sends a letter twice that the server was still reading
    dot_seconds: float = Field(
        default=600.0, gt=0, le=1800, description="For the answer to the whole letter: leaving sooner sends it twice"
    )
    letters_per_connection: int = Field(default=200, ge=1)
    connections: int = Field(
        default=2, ge=1, le=64, description="How many conversations with the mail server at once, for each process"
    )
    letters_per_minute: int | None = Field(default=None, ge=1, description="The mail server's quota, if it has one")
    letters_per_day: int | None = Field(default=None, ge=1, description="The mail server's quota of a local day")
    only_to: Annotated[str | tuple[str, ...], BeforeValidator(_listed)] = Field(
        default=(), description="Test mode: letters leave for these addresses and @domains only; others are kept back"
    )
    resend_uncertain: bool = Field(default=True, description="Send a letter once more that may not have arrived")
    bounce_address: Annotated[str, AfterValidator(_token_address)] | None = Field(
        default=None, description="Where letters come back to: as bounce+TOKEN@… for bounce@…"
    )
    reply_address: Annotated[str, AfterValidator(_token_address)] | None = Field(
        default=None, description="Where people answer letters about tasks: as reply+TOKEN@… for reply@…"
    )

    @model_validator(mode="before")
    @classmethod
    def _pass_over_old(cls, given: Any) -> Any:
        """0.3 had a time of its own for each step before the text: a file that still says so is read all the same."""
        old = {"data_seconds", "block_seconds"}
        return {name: value for name, value in given.items() if name not in old} if isinstance(given, dict) else given


class MailboxSettings(BaseModel):
    """A mailbox that is read over IMAP. It is only looked into: nothing in it is changed."""

    model_config = ConfigDict(extra="forbid")

    host: str
    port: int | None = Field(default=None, ge=1, le=65535, description="993 with tls, else 143")
    user: str
    password: SecretStr
    folder: str = "INBOX"
    security: Literal["none", "starttls", "tls"] = "tls"
    minutes: int = Field(default=5, ge=1, le=1440, description="It is looked into at most every so many minutes")
    timeout_seconds: float = Field(default=20.0, gt=0)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.host, self.user, self.folder


class BounceSettings(MailboxSettings):
    """The mailbox that letters come back to."""


class ReplySettings(BaseModel):
    """Answers to letters (docs/replies.md). A mailbox of their own, else that of letters that come back."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field(default="", description="Empty: replies come to the mailbox of [bounces], or to the folder")
    port: int | None = Field(default=None, ge=1, le=65535, description="993 with tls, else 143")
    user: str = ""
    password: SecretStr = SecretStr("")
    folder: str = "INBOX"
    security: Literal["none", "starttls", "tls"] = "tls"
    minutes: int = Field(default=1, ge=1, le=1440, description="It is looked into at most every so many minutes")
    timeout_seconds: float = Field(default=20.0, gt=0)
    last_days: int = Field(default=60, ge=1, le=365, description="So many days after it left a letter can be answered")
    authserv_id: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9.-]{0,255}$",
        description="The mail server whose Authentication-Results are believed; else DKIM is checked here, by DNS",
    )
    trusted_domains: Annotated[str | tuple[str, ...], BeforeValidator(_listed), AfterValidator(_domains)] = Field(
        default=(), description="What proves to come from these is done at once, without a press of a link"
    )
    answers_per_day: int = Field(default=20, ge=1, le=500, description="So many answers a day to one person at most")

    @property
    def mailbox(self) -> MailboxSettings | None:
        """Return the mailbox of answers; None if they have none of their own."""
        fields = set(MailboxSettings.model_fields)
        return MailboxSettings.model_validate(self.model_dump(include=fields)) if self.host else None


class OidcSettings(BaseModel):
    """A sign-in service of the organisation (OpenID Connect), beside passwords and codes."""

    model_config = ConfigDict(extra="forbid")

    issuer: str = Field(description="Its address, as its own tokens write it")
    client_id: str
    client_secret: SecretStr
    label: str = Field(default="OpenID Connect", max_length=60, description="What the button on the sign-in page says")


class EdxmlSettings(BaseModel):
    """The document exchange (edXML): who this office is there, and how messages come and go. Off without it."""

    model_config = ConfigDict(extra="forbid")

    organ_id: str = Field(min_length=1, max_length=255, description="This office's code (OrganId)")
    organ_name: str = Field(min_length=1, max_length=300, description="Its name, as in From/OrganName")
    received_by: str = Field(default="", description="Whose name messages of the folder come in under: a coordinator")
    unit: str = Field(default="", description="The unit that follows them up, where that person speaks for several")
    folder: Path | None = Field(
        default=None,
        description="Holds in, done, failed and out, beside the data folder's own if relative; else edxml there",
    )
    mode: Annotated[str, BeforeValidator(_as_octal), AfterValidator(_folder_mode)] | None = Field(
        default=None,
        description="Permissions of those folders, such as 0770, and so of the files in them;"
        " else folders that are there keep theirs, and new ones get 0770",
    )
    hand_over: Literal["folder", "api"] = Field(
        default="folder", description="Messages leave into the folder out, or wait for a program that asks the API"
    )


class Settings(BaseSettings):
    """Everything an installation may choose."""

    model_config = SettingsConfigDict(
        env_prefix="DONDOC_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="ignore",
        validate_by_name=True,  # beside a former name
    )

    data: Annotated[Path, AfterValidator(Path.resolve)] = Field(default_factory=data_folder)
    database_url: SecretStr | None = None
    secrets_key: SecretStr | None = Field(
        default=None, description="Opens what is sealed in the database, instead of secrets.key; environment only"
    )
    seals_key: SecretStr | None = Field(
        default=None, description="Signs the history's seals, instead of seals.key; environment only"
    )
    language: Literal["vi", "en"] = "vi"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    base_url: Annotated[str, AfterValidator(_site_url)] = Field(
        default_factory=lambda known: listening_at(known["host"], known["port"]),
        description="Where people reach the site; else where it listens",
    )
    prefect_port: int = Field(default=4210, ge=1, le=65535)
    prefect_host: str = Field(
        default="127.0.0.1", description="Where Prefect's server listens; others need prefect_auth"
    )
    prefect_auth: SecretStr | None = Field(default=None, description="user:password that it asks everybody for")
    prefect_database_url: Annotated[SecretStr, AfterValidator(_server_database)] | None = Field(
        default=None, description="PostgreSQL for Prefect's own server, instead of SQLite in the data folder"
    )
    prefect_api_url: Annotated[str, AfterValidator(_api_url)] | None = Field(
        default=None, description="A Prefect server for many machines: jobs are handed to its workers"
    )
    work_pool: str = Field(
        default="dondoc", pattern=r"^[^/%&><\s]{1,64}$", description="The pool of workers that the jobs are handed to"
    )
    shares: int = Field(default=3, ge=1, le=64, description="How many runs at most share one sweep")
    bulk_at_once: int = Field(
        default=2, ge=1, le=64, description="How many background jobs run at once, over all workers"
    )
    mail: MailSettings = Field(default_factory=MailSettings)
    fixed_mail: bool = Field(default=False, description="The site shows the mail settings and does not change them")
    bounces: BounceSettings | None = Field(
        default=None, description="The mailbox that letters come back to; the folder bounces is read without it too"
    )
    replies: ReplySettings = Field(default_factory=ReplySettings, description="How answers to letters are read")
    edxml: EdxmlSettings | None = Field(default=None, description="The document exchange; off where it is empty")
    oidc: OidcSettings | None = None
    require_totp_for_administrators: bool = Field(
        default=False, description="Administrators set up a second step before they can do anything else"
    )
    session_idle_minutes: int = Field(
        default=240, ge=15, le=720, description="A browser that is not used for so long must sign in anew"
    )
    remembered_idle_days: int = Field(
        default=30, ge=1, le=90, description="The same for a device that somebody has had remembered"
    )
    requests_per_minute: int = Field(
        default=600, ge=60, description="Pages and calls of one person that one process answers; a report counts ten"
    )
    file_max_bytes: int = Field(
        default=25 * 1024 * 1024,
        gt=0,
        description="Largest file that somebody sends, in bytes",
        validation_alias=AliasChoices("DONDOC_file_max_bytes", "DONDOC_evidence_max_bytes"),  # in the environment
    )
    checkpoint_to: Annotated[str | tuple[str, ...], BeforeValidator(_listed)] = Field(
        default=(), description="Codes of people who get the history's newest seal by mail each day, to keep it"
    )
    links_last_days: int = Field(default=180, ge=1, description="How long a link in a letter opens its task")
    tick_seconds: int = Field(default=60, ge=5, description="How often the clock sweeps and delivers")
    keep_runs_days: int = Field(default=30, ge=1, description="How long the keys of finished runs are kept")
    keep_letter_bodies_days: int | None = Field(
        default=None, ge=30, description="How long the words of delivered letters are kept; for ever where it is empty"
    )
    keep_errands_days: int = Field(
        default=365, ge=30, description="How long the records of finished background work are kept"
    )
    keep_webhook_calls_days: int = Field(
        default=90, ge=7, description="How long the records of calls to webhooks are kept, once made or given up"
    )
    keep_messages_days: int = Field(
        default=90, ge=7, description="How long the records of messages of other channels are kept"
    )
    keep_bounces_days: int = Field(
        default=365, ge=30, description="How long is kept what mail servers reported of letters that came back"
    )
    keep_replies_days: int = Field(
        default=365, ge=30, description="How long replies are kept as they came; what came of them stays in the list"
    )
    webhooks_to_private: bool = Field(
        default=False, description="Webhooks and gateways may lead to this machine and its network"
    )
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="before")
    @classmethod
    def _take_former_name(cls, given: dict[str, Any]) -> dict[str, Any]:
        """0.3 called `file_max_bytes` so: a file that still does is read all the same."""
        former = {"evidence_max_bytes": "file_max_bytes"}
        return {former.get(name, name): value for name, value in given.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, settings_file())
        for name in ("secrets_key", "seals_key"):
            if name in toml():  # this file is part of every back-up
                raise BadInput(
                    _("{name} does not belong into dondoc.toml: put it into DONDOC_{variable} or {file}"),
                    name=name,
                    variable=name.upper(),
                    file=name.replace("_", "."),
                )
        return (init_settings, env_settings, toml)

    @property
    def url(self) -> str:
        """Return the database's URL: SQLite in the data folder unless `database_url` is set."""
        if self.database_url is None:
            return f"sqlite:///{self.data / 'dondoc.sqlite'}"
        url = self.database_url.get_secret_value()
        return url.replace("postgresql://", "postgresql+psycopg://", 1) if url.startswith("postgresql://") else url

    @property
    def mail_is_fixed(self) -> bool:
        """Tell whether the site may not change the mail settings. On many machines, each would have its own file."""
        return self.fixed_mail or self.prefect_api_url is not None

    @property
    def mailbox(self) -> Path:
        """The folder of the local mailbox (one .eml per letter received)."""
        return self.data / "mailbox"

    @property
    def evidence(self) -> Path:
        """The folder of evidence files, named by content hash."""
        return self.data / "evidence"

    @property
    def views(self) -> Path:
        """The folder of pictures of evidence files, which may be deleted at any time."""
        return self.data / "views"

    @property
    def bounces_folder(self) -> Path:
        """The folder for reports of mail servers as .eml files, which the next tick reads."""
        return self.data / "bounces"

    @property
    def replies_folder(self) -> Path:
        """The folder for replies to letters as .eml files, which the next tick reads."""
        return self.data / "replies"

    @property
    def edxml_folder(self) -> Path:
        """The folder of messages of the document exchange: in, done, failed and out."""
        return self.data / ((self.edxml.folder if self.edxml else None) or "edxml")
