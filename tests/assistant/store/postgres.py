"""A real PostgreSQL for the tests, where one is installed: its own folder, socket and account."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

PLACES = ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"]


class NoPostgres(Exception):
    """Why no server can be started here."""


def binaries() -> Path:
    """The folder of initdb and pg_ctl. Raises NoPostgres."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += [Path(place) for pattern in PLACES for place in sorted(glob.glob(pattern))[::-1]]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoPostgres("no PostgreSQL here: initdb is neither on PATH nor under /usr/lib/postgresql")


def account() -> pwd.struct_passwd | None:
    """Whom to run as: nobody special, since the server refuses root. Raises NoPostgres."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("the tests run as root, and there is no account postgres or nobody")


@contextmanager
def running() -> Iterator[str]:
    """A server on a Unix socket; yields the URL of its first database. Raises NoPostgres."""
    folder, user = binaries(), account()
    # Short and outside pytest's folders: root's are closed to others, and a socket's path is
    # limited to about 100 characters.
    home = Path(mkdtemp(prefix="liveshop-pg-"))
    said = home / "said.txt"

    def run(*command: str | Path) -> None:
        with said.open("ab") as output:
            done = subprocess.run(
                [str(part) for part in command],
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                cwd=home,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(home)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=60,
                check=False,
            )
        if done.returncode:
            raise NoPostgres(f"{command[0]}: {said.read_text()[-500:]}")

    try:
        if user:
            os.chown(home, user.pw_uid, user.pw_gid)
        data = home / "data"
        run(folder / "initdb", "-D", data, "-U", "liveshop", "-A", "trust", "-E", "UTF8")
        options = f"-k {home} -c listen_addresses='' -c shared_buffers=16MB -c fsync=off"
        run(folder / "pg_ctl", "-D", data, "-w", "-l", home / "log.txt", "-o", options, "start")
        try:
            yield f"postgresql://liveshop@/postgres?host={home}"
        finally:
            run(folder / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)
