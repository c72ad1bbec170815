"""`lienthong keys` and what `lienthong doctor` says of keys: names and days, never a secret."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from trust_house import NAME, TrustHouse
from typer.testing import CliRunner, Result

from gateway.cli.certificates import examine
from gateway.cli.main import app
from gateway.database.doctor import Level
from gateway.settings import load_settings
from mocks._kit import pki

NOW, DAY = pki.NOW, timedelta(days=1)
PASSWORD = "made-up-password-1"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrustHouse:
    """A province with one key and one partner, whose certificate is pinned and asks nobody."""
    made = TrustHouse(tmp_path)
    own = pki.self_signed("Tỉnh mẫu", pki.Wanted(ends=NOW + 20 * DAY)).write_pkcs12(
        tmp_path / "own.p12", password=PASSWORD
    )
    pinned = pki.self_signed(NAME).write_certificate(tmp_path / "partner.pem")
    settings = tmp_path / "lienthong.toml"
    settings.write_text(
        f"""
[[keys.tinh]]
source = "pkcs12"
path = "{own}"
password_env = "TINH_P12"

[trust.c06]
domain = "official"
pinned = ["{pinned}"]
revocation = "none"
"""
    )
    monkeypatch.setenv("LIENTHONG_CONFIG", str(settings))
    monkeypatch.setenv("TINH_P12", PASSWORD)
    monkeypatch.setenv("COLUMNS", "300")
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["keys", *words])


def test_the_list_names_holders_and_no_secret(house: TrustHouse) -> None:
    """SEC-18"""
    told = run("list")
    assert told.exit_code == 0
    assert all(word in told.output for word in ("tinh", "Tỉnh mẫu", "pkcs12", "c06", "official", NAME))
    assert PASSWORD not in told.output


def test_the_check_says_who_is_believed_and_what_ends(house: TrustHouse) -> None:
    told = run("check")
    assert told.exit_code == 0
    assert f"{NAME}: tin cậy" in told.output
    assert "keys.tinh (Tỉnh mẫu)" in told.output


def test_a_certificate_that_a_partner_sent_is_tried_out(house: TrustHouse) -> None:
    other = pki.self_signed("Kẻ lạ").write_certificate(house.folder / "other.pem")
    told = run("check", str(other), "--trust", "c06")
    assert told.exit_code == 1
    assert "security.certificate_unknown_issuer" in told.output


def test_a_trust_that_is_not_there_is_named(house: TrustHouse) -> None:
    assert "elsewhere" in str(run("check", "--trust", "elsewhere").exception)


def test_the_doctor_tells_of_a_certificate_that_ends_soon(house: TrustHouse) -> None:
    """SIG-06 (part)"""
    told = examine(load_settings())
    assert [finding.level for finding in told] == [Level.OK, Level.WARNING]
    assert "keys.tinh" in told[1].text_vi


def test_the_doctor_tells_of_a_key_that_cannot_be_read(house: TrustHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-18"""
    monkeypatch.setenv("TINH_P12", "wrong")
    told = examine(load_settings())
    assert [finding.level for finding in told] == [Level.ERROR]
    assert "keys.tinh" in told[0].text
