"""The command line over a real database: what it says, what it leaves, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder

from mocks._kit import pki

DOSSIER = "000.00.05.H99-261124-0001"


@pytest.fixture(scope="module")
def lienthong(database_url: str) -> Iterator[Run]:
    with reachable_folder() as state:
        yield typed(database_url, state)


def test_a_client_is_added_listed_and_revoked_and_each_act_is_a_leaf(lienthong: Run, database_url: str) -> None:
    """SEC-12 (part)."""
    added = lienthong("clients", "add", "motcua", "--scope", "citizens:verify", "--title", "Một cửa")
    assert added.returncode == 0, added.stderr
    key = added.stdout.strip()
    assert key.startswith("lt_H99_motcua_")
    again = lienthong("clients", "add", "motcua", "--scope", "citizens:verify")
    assert (again.returncode, again.stdout) == (2, "")
    assert "caller.client_exists" in again.stderr
    listed = lienthong("clients", "list")
    assert "motcua" in listed.stdout
    assert "citizens:verify" in listed.stdout
    assert key.rpartition("_")[2] not in listed.stdout
    assert lienthong("clients", "revoke", "motcua").returncode == 0
    gone = lienthong("clients", "revoke", "motcua")
    assert (gone.returncode, "Traceback" in gone.stderr) == (2, False)
    with psycopg.connect(database_url) as connection:
        leaves = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index").fetchall()
    acts = [json.loads(bytes(leaf[0])) for leaf in leaves]
    assert [act["operation"] for act in acts] == ["add_client", "revoke_client"]
    assert all(act["kind"] == "admin" and act["actor"].startswith("admin:") for act in acts)
    assert key.rpartition("_")[2] not in json.dumps(acts)


@pytest.mark.parametrize("name", ["Một Cửa", "x" * 41])
def test_a_client_id_that_is_none_is_refused_in_words(lienthong: Run, name: str) -> None:
    refused = lienthong("clients", "add", name, "--scope", "citizens:verify")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_an_unknown_scope_is_refused(lienthong: Run) -> None:
    assert lienthong("clients", "add", "a", "--scope", "everything").returncode == 2


def test_the_log_verifies_is_exported_and_an_altered_copy_is_found(lienthong: Run, tmp_path: Path) -> None:
    lienthong("clients", "add", "kiem-toan", "--scope", "dossiers:read")
    verified = lienthong("audit", "verify")
    assert verified.returncode == 0, verified.stderr
    assert "nguyên vẹn" in verified.stdout
    key = lienthong("audit", "key").stdout.strip()
    copy = tmp_path / "copy.jsonl"
    assert lienthong("audit", "copy", str(copy)).returncode == 0
    assert lienthong("audit", "verify", "--file", str(copy), "--key", key).returncode == 0
    copy.write_text(copy.read_text().replace("add_client", "Add_client", 1))
    found = lienthong("audit", "verify", "--file", str(copy), "--key", key)
    assert (found.returncode, "Dòng" in found.stdout) == (1, True)


def test_a_held_stream_is_freed_by_a_verdict_that_is_recorded(lienthong: Run, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO lienthong.stream (tenant, target, key, tail, held, doubt, trouble_code, created_at) "
            "VALUES ('H99', 'national_portal', %s, 2, true, 1, 'partner.cannot_tell', now())",
            (DOSSIER,),
        )
    freed = lienthong("delivery", "release", "national_portal", DOSSIER, "--verdict", "arrived")
    assert freed.returncode == 0, freed.stderr
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT head, held, trouble_code FROM lienthong.stream WHERE key = %s", (DOSSIER,))
        assert row.fetchone() == (1, False, "")
        last = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index DESC LIMIT 1").fetchone()
    assert last is not None
    act = json.loads(bytes(last[0]))
    assert (act["operation"], act["reference"]) == ("release_stream", DOSSIER)
    assert act["facts"] == {"target": "national_portal", "verdict": "arrived"}
    again = lienthong("delivery", "release", "national_portal", DOSSIER, "--verdict", "missing")
    assert (again.returncode, "caller.not_found" in again.stderr) == (2, True)


def test_a_target_is_paused_paced_and_its_held_streams_are_released_after_a_look(
    lienthong: Run, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO lienthong.stream (tenant, target, key, tail, held, trouble_code, trouble_vi, created_at) "
            "SELECT 'H99', 'payment', 'P' || n, 1, true, 'partner.refused', 'Thiếu trường', now() "
            "FROM generate_series(1, 3) n"
        )
    assert lienthong("delivery", "pause", "payment").returncode == 0
    assert "paused" in lienthong("delivery", "status").stdout
    assert lienthong("delivery", "resume", "payment", "--rate", "2.5").returncode == 0
    assert "2.5/s" in lienthong("delivery", "status").stdout
    seen = lienthong("delivery", "release-all", "payment", "--code", "partner.refused", "--limit", "2")
    assert ("2 found, nothing done" in seen.stdout, "Thiếu trường" in seen.stdout) == (True, True)
    done = lienthong("delivery", "release-all", "payment", "--code", "partner.refused", "--limit", "2", "--yes")
    assert "Released 2 of 2" in done.stdout
    with psycopg.connect(database_url) as connection:
        held = connection.execute("SELECT key FROM lienthong.stream WHERE target = 'payment' AND held").fetchall()
        assert held == [("P3",)]
        last = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index DESC LIMIT 4").fetchall()
    acts = [json.loads(bytes(leaf[0]))["operation"] for leaf in last]
    assert acts == ["release_stream", "release_stream", "resume_target", "pause_target"]
    unknown = lienthong("delivery", "pause", "weather")
    assert (unknown.returncode, "national_portal" in unknown.stderr) == (2, True)


def test_other_keys_than_those_of_the_database_stop_every_command(lienthong: Run) -> None:
    """A lost key file must not be replaced in silence: nothing could be opened or verified any more."""
    assert lienthong("clients", "list").returncode == 0
    with reachable_folder() as elsewhere:
        refused = lienthong("clients", "list", LIENTHONG_STATE=str(elsewhere))
    assert (refused.returncode, "operator.keyring" in refused.stderr) == (2, True)


def test_doctor_says_what_is_used_and_ends_badly_when_something_is_wrong(lienthong: Run, tmp_path: Path) -> None:
    well = lienthong("doctor").stdout
    for said in ("PostgreSQL", "national_portal", "giả lập"):
        assert said in well
    wrong = [line for line in well.splitlines() if line.startswith("✗")]
    assert all("fsync" in line for line in wrong), well  # which the tests' own server has off
    ill = lienthong("doctor", LIENTHONG_DATABASE_URL="postgresql://nobody:hush@127.0.0.1:1/none")
    assert ill.returncode == 1
    assert "hush" not in ill.stdout + ill.stderr
    assert "Traceback" not in ill.stderr


def test_doctor_names_a_direct_link_without_a_decision_and_one_without_encryption(lienthong: Run) -> None:
    """CON-01 (part), CON-05 (part)."""
    firms = {"base_url": "http://registry.example"}
    told = lienthong("doctor", LIENTHONG_SANDBOX="false", LIENTHONG_SYSTEMS=json.dumps({"business_registry": firms}))
    assert "business_registry is reached directly" in told.stdout
    assert "http://registry.example is reached without encryption" in told.stdout
    decided = {**firms, "base_url": "https://registry.example", "direct_basis": "Số 1/QĐ-MOCK"}
    told = lienthong("doctor", LIENTHONG_SANDBOX="false", LIENTHONG_SYSTEMS=json.dumps({"business_registry": decided}))
    assert "is reached" not in told.stdout
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        (["api"], {"LIENTHONG_CONFIG": "missing.toml"}),
        (["worker"], {"LIENTHONG_API__PROT": "1"}),
        (["clients", "list"], {"LIENTHONG_SYSTEMS": '{"nobody": {}}'}),
        (["migrate"], {"LIENTHONG_DATABASE_URL": "postgresql://nobody:hush@127.0.0.1:1/none"}),
        (["audit", "verify"], {"LIENTHONG_STATE": "/proc/nothing"}),
        (["clients", "list"], {"LIENTHONG_SYSTEMS": '{"population": {"base_url": "https://register.example"}}'}),
    ],
)
def test_what_cannot_work_ends_with_two_sentences_and_code_2(
    lienthong: Run, command: list[str], wrong: dict[str, str]
) -> None:
    ended = lienthong(*command, **wrong)
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hush" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) >= 2


def test_the_openapi_document_is_written_without_a_database(lienthong: Run, tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    assert lienthong("openapi", str(file), LIENTHONG_DATABASE_URL="postgresql://127.0.0.1:1/x").returncode == 0
    assert json.loads(file.read_text())["openapi"].startswith("3.1")


@pytest.mark.parametrize("command", [[], ["clients"], ["audit"], ["delivery"]])
def test_every_command_explains_itself_in_both_languages(lienthong: Run, command: list[str]) -> None:
    said = lienthong(*command, "--help").stdout
    assert "Usage" in said
    assert any(letter in said for letter in "ăâđêôơưạảấầẩẫậắằếềểễệ")


def test_what_was_delivered_is_shown_first_and_replayed_only_when_told(lienthong: Run, database_url: str) -> None:
    shown = lienthong("delivery", "replay", "national_portal", "--only", "operation=report_progress")
    assert (shown.returncode, "nothing done" in shown.stdout) == (0, True), shown.stderr
    done = lienthong("delivery", "replay", "national_portal", "--yes")
    assert "0 of 0" in done.stdout
    wrong = lienthong("delivery", "replay", "national_portal", "--only", "person=x")
    assert (wrong.returncode, "key=…" in wrong.stderr) == (2, True)


def test_a_parked_step_is_shown_and_dismissed_with_a_reason(lienthong: Run) -> None:
    """STA-04 (part)."""
    assert "Không có bước nào" in lienthong("dossiers", "parked").stdout
    missing = lienthong("dossiers", "dismiss", DOSSIER, "b-1", "--reason", "gửi nhầm")
    assert (missing.returncode, "b-1" in missing.stdout) == (2, False)


def test_what_was_tried_is_reported_by_fields_and_calls(lienthong: Run, database_url: str) -> None:
    assert "Chưa có lần thử nào" in lienthong("shadow", "report").stdout
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO lienthong.shadow_comparison (tenant, at, system, operation, used, tried, call_id, how, fields)"
            " VALUES ('H99', now(), 'population', 'lookup_citizen', 'direct', 'ndop', 'CALL1', 'differs', '{gender}')"
        )
    told = lienthong("shadow", "report", "--days", "1")
    assert told.returncode == 0, told.stderr
    assert [word in told.stdout for word in ("gender (1)", "CALL1", "khác nhau")] == [True, True, True]


def test_who_is_told_of_receipts_is_told_by_the_doctor_and_by_the_report(lienthong: Run) -> None:
    """PAY-13 (part)."""
    told = lienthong("receipts", "tax", "--days", "7")
    assert (told.returncode, "in time" in told.stdout, "Traceback" in told.stderr) == (0, True, False)
    assert "Receipts are not told" not in lienthong("doctor").stdout
    firms = {"base_url": "https://registry.example"}
    alone = {"LIENTHONG_SANDBOX": "false", "LIENTHONG_SYSTEMS": json.dumps({"business_registry": firms})}
    assert "Receipts are not told to the tax authority" in lienthong("doctor", **alone).stdout
    rail = {
        "base_url": "https://pay.example",
        "partner_code": "X",
        "secret": "x",
        "init_path": "/i",
        "query_path": "/q",
    }
    paying = {**alone, "LIENTHONG_SYSTEMS": json.dumps({"payment": {**rail, "pay_hosts": ["pay.example"]}})}
    assert "Money may be sent to any account" in lienthong("doctor", **paying).stdout
    nobody = lienthong("receipts", "tax", **alone)
    assert (nobody.returncode, "Receipts are not told" in nobody.stdout) == (1, True)


def test_rights_of_a_client_are_narrowed_rotated_reviewed_and_revoked_and_each_act_is_a_leaf(
    lienthong: Run, database_url: str, tmp_path: Path
) -> None:
    """SEC-12 (part): create, change of rights, review, revocation; SEC-17 (part)."""
    name = "quyen"
    added = lienthong("clients", "add", name, "--scope", "citizens:verify", "--callback", "https://quyen.example.vn/x")
    assert added.returncode == 0, added.stderr
    limited = ["--procedure", "1.009999", "--network", "10.1.2.3/32", "--operation", "verify_citizen"]
    assert lienthong("clients", "limit", name, *limited).returncode == 0
    assert lienthong("clients", "scope", name, "--add", "payments:read").returncode == 0
    assert lienthong("clients", "quota", name, "--per-minute", "7").returncode == 0
    certificate = pki.self_signed("quyen").write_certificate(tmp_path / "quyen.pem")
    ways = lienthong("clients", "ways", name, "--certificate", str(certificate), "--add", "token:quyen")
    assert ways.returncode == 0, ways.stderr
    rotated = lienthong("clients", "rotate", name, "--valid-days", "20")
    assert rotated.stdout.startswith(f"lt_H99_{name}_")
    listed = lienthong("clients", "list").stdout
    for shown in (
        "procedure 1.009999",
        "network 10.1.2.3/32",
        "7 calls a minute",
        "spki:",
        "earlier key",
        "payments:read",
    ):
        assert shown in listed
    reviewed = lienthong("clients", "review").stdout
    for shown in ("never", "scope not used", "key ends"):
        assert shown in reviewed
    assert lienthong("clients", "revoke", name).returncode == 0
    with psycopg.connect(database_url) as connection:
        left = connection.execute("SELECT 1 FROM lienthong.receiver WHERE client_id = %s", (name,)).fetchall()
        leaves = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index").fetchall()
    assert left == []
    acts = [json.loads(bytes(leaf[0])) for leaf in leaves]
    ours = [act["operation"] for act in acts if act["reference"] == name]
    changed = ["change_client"] * 4
    assert ours == ["add_client", "set_callback", *changed, "rotate_client_key", "revoke_client"]
    assert any(act["operation"] == "review_clients" for act in acts)
