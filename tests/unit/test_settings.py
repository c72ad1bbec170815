"""Settings: one file, the environment over it, nothing misspelt and nothing secret shown."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import configured_systems
from gateway.bootstrap.ground import routes_of
from gateway.sdk import ConfigurationError
from gateway.settings import load_settings

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "deploy" / "lienthong.toml"
PAGES = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "connectors").glob("*/README.md")]
EXAMPLES = [
    (str(page.relative_to(ROOT)), example)
    for page in PAGES
    for example in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("LIENTHONG_"):
            monkeypatch.delenv(name)


def test_without_a_file_everything_has_a_default_and_no_system_is_on() -> None:
    settings = load_settings()
    assert (settings.database_url, settings.sandbox, settings.systems) == (None, False, {})
    assert configured_systems(settings) == {}


def test_the_sample_file_says_the_defaults_and_nothing_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIENTHONG_CONFIG", str(SAMPLE))
    sample = load_settings()
    monkeypatch.delenv("LIENTHONG_CONFIG")
    assert sample == load_settings()


def test_what_the_sample_has_in_comments_is_real_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    keys = [re.sub(r"^# (?=[a-z_]+ = )", "", line) for line in lines]
    keys = [line.removeprefix("# ") if line.startswith("# [") else line for line in keys]
    keys = [line for line in keys if "LIENTHONG_" not in line]
    (tmp_path / "all.toml").write_text("\n".join(keys), encoding="utf-8")
    monkeypatch.setenv("LIENTHONG_CONFIG", str(tmp_path / "all.toml"))
    settings = load_settings()
    assert settings.database_url is not None
    assert settings.database.run_as == "lienthong"
    assert "population" in configured_systems(settings.model_copy(update={"tls": {}}))
    assert settings.alerts.smtp.host
    assert settings.contact.office
    assert settings.scores.packs
    assert settings.operators.oidc.token_endpoint


@pytest.mark.parametrize(("page", "example"), EXAMPLES, ids=[page for page, _ in EXAMPLES])
def test_an_example_on_a_page_starts_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, example: str
) -> None:
    """Its systems, the platforms before them, the rules between, and where operations go."""
    (tmp_path / "page.toml").write_text(example, encoding="utf-8")
    monkeypatch.setenv("LIENTHONG_CONFIG", str(tmp_path / "page.toml"))
    settings = load_settings()
    systems = configured_systems(settings.model_copy(update={"tls": {}}))  # the files are the reader's
    routes_of(settings, systems)
    assert set(systems) == set(settings.systems), page


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.toml").write_text("tenant = 'H01'\n[api]\nport = 8000\nhost = '0.0.0.0'\n")
    monkeypatch.setenv("LIENTHONG_CONFIG", str(tmp_path / "a.toml"))
    monkeypatch.setenv("LIENTHONG_API__PORT", "8100")
    settings = load_settings()
    assert (settings.tenant, settings.api.port, settings.api.host) == ("H01", 8100, "0.0.0.0")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 1", "prot"),
        ("[api]\nprot = 1", "api.prot"),
        ("[api]\nport = 'many'", "api.port"),
        ("tenant = 'thường'", "tenant"),
        ("[delivery]\nlease_s = 0", "delivery.lease_s"),
        ("[reconciliation]\nat = 10:00:00", "reconciliation.at"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, named: str) -> None:
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("LIENTHONG_CONFIG", str(tmp_path / "a.toml"))
    with pytest.raises(ConfigurationError, match=named):
        load_settings()


@pytest.mark.parametrize("content", ["= 1", "\x00", None])
def test_a_file_that_is_none_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "a.toml").write_text(content)
    monkeypatch.setenv("LIENTHONG_CONFIG", str(tmp_path / "a.toml"))
    with pytest.raises(ConfigurationError, match=r"a\.toml"):
        load_settings()


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIENTHONG_DATABASE_URL", "postgresql://u:hush@h/d")
    settings = load_settings(sandbox=True)
    assert "hush" not in repr(settings)
    for system in configured_systems(settings).values():
        assert not any(word in repr(system.settings) for word in ("made-up", "S3cretDEMO", "demo_secret"))


@pytest.mark.parametrize(
    "systems",
    [
        {"population": {"base_url": "http://x"}},
        {"population": {"bse_url": "http://x"}},
        {"payment": {"secret": "hush-hush", "base_url": 5}},
    ],
)
def test_a_systems_wrong_setting_is_named_without_its_value(systems: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"systems\.") as raised:
        configured_systems(load_settings(systems=systems))
    assert "hush" not in raised.value.detail
    assert "README" in raised.value.detail


def test_a_system_that_nobody_connects_is_named() -> None:
    with pytest.raises(ConfigurationError, match="weather_bureau"):
        configured_systems(load_settings(systems={"weather_bureau": {}}))


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIENTHONG_STAET", "/x")
    with pytest.raises(ConfigurationError, match="LIENTHONG_STAET"):
        load_settings()
