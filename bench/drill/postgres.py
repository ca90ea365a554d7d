"""A PostgreSQL that other machines reach over TCP with a password, as an office runs one.

The system's own (Debian's package `postgresql`): the one from pip comes without pg_trgm, which Prefect's server needs.
"""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

PORT = 5477
_USER, _PASSWORD = "dondoc", "drill-password"
_PACKAGED = Path("/usr/lib/postgresql")


class Urls(NamedTuple):
    """Addresses of the two databases, password included."""

    dondoc: str
    prefect: str


@contextmanager
def postgres(folder: Path, address: str, *, connections: int = 200) -> Iterator[Urls]:
    """Runs a server with its default durability on an address; two databases, ours and Prefect's."""
    data, programs = folder / "postgres", _programs()
    data.mkdir(mode=0o700)
    owner = "postgres" if os.geteuid() == 0 else None  # it refuses to be run by root
    if owner is not None:
        for above in (folder, *folder.parents):
            above.chmod(above.stat().st_mode | 0o011) if above.stat().st_uid == 0 else None
        shutil.chown(data, owner, pwd.getpwnam(owner).pw_gid)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", data, *arguments],
            check=True,
            user=owner,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")
    with (data / "pg_hba.conf").open("a") as hba:
        hba.write("host all all 0.0.0.0/0 scram-sha-256\n")
    options = f"-h {address} -p {PORT} -k {data} -c max_connections={connections}"
    run("pg_ctl", "-w", "-o", options, "-l", str(data / "log"), "start")
    try:
        with psycopg.connect(f"host={data} port={PORT} user=postgres dbname=postgres", autocommit=True) as admin:
            admin.execute(f"CREATE ROLE {_USER} LOGIN PASSWORD '{_PASSWORD}'")
            for name in ("dondoc", "prefect"):
                admin.execute(f"CREATE DATABASE {name} OWNER {_USER}")
        at = f"postgresql://{_USER}:{_PASSWORD}@{address}:{PORT}"
        yield Urls(f"{at}/dondoc", f"{at}/prefect")
    finally:
        run("pg_ctl", "-m", "fast", "stop")


def _programs() -> Path:
    found = sorted(_PACKAGED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        sys.exit("The drill wants PostgreSQL with pg_trgm: apt-get install postgresql")
    return found[-1].parent
