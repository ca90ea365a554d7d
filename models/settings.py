"""Settings: flag > environment (`DONDOC_…`) > `dondoc.toml` in the data folder > default."""

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


def data_folder() -> Path:
    """Where the database, the mailbox and evidence live: `DONDOC_DATA`, else `./var`."""
    return Path(os.environ.get("DONDOC_DATA", "var")).resolve()


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
    timeout_seconds: float = Field(default=20.0, gt=0)
    letters_per_connection: int = Field(default=200, ge=1)


class Settings(BaseSettings):
    """Everything an installation may choose."""

    model_config = SettingsConfigDict(
        env_prefix="DONDOC_", env_nested_delimiter="_", env_nested_max_split=1, extra="ignore"
    )

    data: Path = Field(default_factory=data_folder)
    database_url: SecretStr | None = None
    language: Literal["vi", "en"] = "vi"
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    prefect_port: int = Field(default=4210, ge=1, le=65535)
    mail: MailSettings = Field(default_factory=MailSettings)
    evidence_max_bytes: int = Field(default=25 * 1024 * 1024, gt=0, description="Largest evidence file, in bytes")
    tick_seconds: int = Field(default=60, ge=5, description="How often the clock sweeps and delivers")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, data_folder() / "dondoc.toml")
        return (init_settings, env_settings, toml)

    @property
    def url(self) -> str:
        """The database's URL: SQLite in the data folder unless `database_url` says otherwise."""
        if self.database_url is None:
            return f"sqlite:///{self.data / 'dondoc.sqlite'}"
        url = self.database_url.get_secret_value()
        return url.replace("postgresql://", "postgresql+psycopg://", 1) if url.startswith("postgresql://") else url

    @property
    def mailbox(self) -> Path:
        """The folder of the local mailbox (one .eml per letter received)."""
        return self.data / "mailbox"

    @property
    def evidence(self) -> Path:
        """The folder of evidence files, named by content hash."""
        return self.data / "evidence"
