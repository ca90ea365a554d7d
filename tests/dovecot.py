"""A real IMAP server: Debian's dovecot as an ordinary process on loopback, with a folder that the test fills."""

import getpass
import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.missing import skip_or_fail
from tests.notifications.smtp_servers import self_signed

DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/bin:/sbin:/bin")
ADVICE = "no IMAP server on this machine: `apt-get install dovecot-imapd` brings it"
USER, PASSWORD = "bounce", "mật khẩu".encode().hex()
_SECONDS = 30.0  # a busy machine may take its time

_CONFIG = """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
auth_allow_cleartext = yes
auth_mechanisms = plain login
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_server_cert_file = {folder}/certificate.pem
ssl_server_key_file = {folder}/key.pem
mail_driver = maildir
mail_path = {folder}/mail
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {mail}
    gid = {mail_group}
    home = {folder}/home
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """It listens on `port` (plain, STARTTLS) and `tls_port`; `context` trusts its certificate."""

    folder: Path
    port: int
    tls_port: int
    context: ssl.SSLContext
    owner: tuple[int, int]
    _delivered: int = field(default=0)

    def deliver(self, *messages: bytes) -> None:
        """New mail, as a delivery agent writes it."""
        for message in messages:
            self._delivered += 1
            path = self.folder / "mail" / "new" / f"{self._delivered:06d}.test"
            unfinished = self.folder / "mail" / "tmp" / path.name
            unfinished.write_bytes(message)
            os.chown(unfinished, *self.owner)
            unfinished.rename(path)

    def flagged(self) -> list[str]:
        """The names of messages that somebody has set a flag of."""
        return [
            path.name for path in (self.folder / "mail" / "cur").iterdir() if not path.name.endswith((":2,", "test"))
        ]


@contextmanager
def dovecot(folder: Path) -> Iterator[Dovecot]:
    """Starts it and waits until it greets; it ends with the block."""
    if DOVECOT is None:
        skip_or_fail(ADVICE)
    _context, certificate = self_signed(folder)
    port, tls_port = _free_port(), _free_port()
    is_root = os.getuid() == 0
    me = getpass.getuser()
    internal, login, mail = ("dovecot", "dovenull", "dovecot") if is_root else (me, me, me)
    group = "dovecot" if is_root else grp.getgrgid(os.getgid()).gr_name
    (folder / "dovecot.conf").write_text(
        _CONFIG.format(
            folder=folder,
            internal=internal,
            login=login,
            mail=mail,
            group=group,
            mail_group=group,
            password=PASSWORD,
            port=port,
            tls_port=tls_port,
        )
    )
    owner = (os.getuid(), os.getgid()) if not is_root else _ids(mail)
    for name in ("mail/new", "mail/cur", "mail/tmp", "home"):
        (folder / name).mkdir(parents=True)
    for path in (folder / "mail", *(folder / "mail").iterdir(), folder / "home"):
        os.chown(path, *owner)
    server = subprocess.Popen([DOVECOT, "-F", "-c", str(folder / "dovecot.conf")], stderr=subprocess.PIPE, text=True)
    try:
        _wait(server, port, folder / "log")
        context = ssl.create_default_context(cafile=str(certificate))
        yield Dovecot(folder, port, tls_port, context, owner)
    finally:
        server.terminate()
        server.communicate(timeout=_SECONDS)


def _ids(user: str) -> tuple[int, int]:
    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def _wait(server: "subprocess.Popen[str]", port: int, log: Path) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as line:
                if line.recv(100).startswith(b"* OK"):
                    return
        except OSError:
            pass
        told = log.read_text() if log.exists() else ""
        if server.poll() is not None:
            raise RuntimeError(f"dovecot ended at once: {server.stderr.read() if server.stderr else ''}{told}")
        if time.monotonic() > until:
            raise RuntimeError(f"dovecot does not greet: {told}")
        time.sleep(0.05)
