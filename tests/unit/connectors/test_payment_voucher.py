"""PPDVCQG GET_BILL and the file behind its link: what is a voucher, and what never is (contract 2.7)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from systems import bench

from connectors.payment import wire
from gateway.sdk import (
    Answered,
    ConfigurationError,
    GatewayError,
    Outcome,
    Pending,
    ProtocolViolation,
    Refused,
    RemoteError,
    TransientRemoteError,
    WireReply,
)

LINK = "https://bienlai.example.vn/tai/7f3a.pdf?m=1"
HOSTS = {"voucher_hosts": ("bienlai.example.vn",), "allow_http": False}
ASKED = {"MaThamChieu": "PAY26K7Q2M0001", "ThoiGianGD": {"ipn": "20260801143142", "init": "20260801143005"}}
FILE = b"%PDF-1.7\n" + b"x" * 10_000


def answered(content: Any, *, label: str = "application/json", status: int = 200) -> WireReply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return WireReply(status=status, headers={"content-type": label}, content=body)


def fetched(reply: WireReply, *, reading: str = "", **settings: Any) -> Outcome:
    system = bench("payment", **{**HOSTS, **settings})
    body = {**ASKED, **({"CachDoc": reading} if reading else {})}
    return system.connector.interpret(system.call("fetch_voucher", body), reply)


def downloaded(reply: WireReply, **settings: Any) -> Outcome:
    system = bench("payment", **{**HOSTS, **settings})
    return system.connector.interpret(system.call("download_voucher", {"UrlBienLai": LINK}), reply)


def time_sent(reading: str, **settings: Any) -> str:
    system = bench("payment", **settings)
    request = system.connector.prepare(system.call("fetch_voucher", {**ASKED, "CachDoc": reading}))
    return str(json.loads(request.content)["ThoiGianGD"])


@pytest.mark.parametrize(
    ("setting", "reading", "sent"),
    [
        ("try_both", "", "20260801143142"),
        ("try_both", "ipn", "20260801143142"),
        ("try_both", "init", "20260801143005"),
        ("ipn", "init", "20260801143142"),
        ("init", "ipn", "20260801143005"),
    ],
)
def test_the_time_is_read_as_configured_or_as_asked(setting: str, reading: str, sent: str) -> None:
    """F17: the sources disagree whether ThoiGianGD is the time of the IPN or of INIT."""
    assert time_sent(reading, voucher_time=setting) == sent


@pytest.mark.parametrize(
    ("setting", "reading", "kind"),
    [("try_both", "", Refused), ("try_both", "init", Pending), ("ipn", "", Pending), ("init", "", Pending)],
)
def test_a_refusal_is_final_only_while_the_other_reading_is_left(setting: str, reading: str, kind: type) -> None:
    """F17: an error JSON is never a voucher; Refused means that the other reading is to be tried at once."""
    reply = answered({"MaLoi": "02", "MoTaLoi": "sai thời gian"})
    assert isinstance(fetched(reply, reading=reading, voucher_time=setting), kind)


@pytest.mark.parametrize(
    "document",
    [
        {"MaLoi": "00", "MoTaLoi": "", "MaThamChieu": "PAY26K7Q2M0001", "UrlBienLai": LINK},
        {"UrlBienLai": LINK},
        {"error_code": "0", "message": json.dumps({"UrlBienLai": LINK})},
    ],
    ids=["direct", "without MaLoi", "adapter"],
)
def test_a_link_is_told_when_it_may_be_followed(document: Any) -> None:
    outcome = fetched(answered(document))
    assert isinstance(outcome, Answered)
    assert bench("payment").mappings.reply("fetch_voucher", outcome.body) == {"url": LINK}


@pytest.mark.parametrize("label", ["application/pdf", "application/octet-stream", "", "application/pdf; x=1"])
def test_the_file_itself_is_taken_whatever_its_label_leaves_open(label: str) -> None:
    for outcome in (fetched(answered(FILE, label=label)), downloaded(answered(FILE, label=label))):
        assert isinstance(outcome, Answered)
        told = bench("payment").mappings.reply("download_voucher", outcome.body)
        assert (base64.b64decode(told["content"]), told["media_type"]) == (FILE, "application/pdf")


@pytest.mark.parametrize("size", [9_999, 4_000, 5])
def test_a_placeholder_is_asked_for_again(size: int) -> None:
    """F17."""
    reply = answered(FILE[:size], label="application/pdf")
    assert isinstance(fetched(reply), Pending)
    assert isinstance(downloaded(reply), Pending)
    assert isinstance(downloaded(reply, voucher_min_bytes=size), Answered)


@pytest.mark.parametrize(
    "document",
    [{"MaLoi": "00"}, {"MaLoi": "00", "UrlBienLai": None}, {}, {"error_code": "-1", "message": "Lỗi"}, {"MaLoi": None}],
)
def test_no_link_yet_is_asked_for_again(document: Any) -> None:
    assert isinstance(fetched(answered(document)), Pending)


@pytest.mark.parametrize(
    "reply",
    [
        answered({"MaLoi": "00", "MaThamChieu": "OTHER", "UrlBienLai": LINK}),
        answered({"MaLoi": "00", "UrlBienLai": "https://evil.example/7f3a.pdf"}),
        answered({"MaLoi": "00", "UrlBienLai": [LINK]}),
        answered(FILE, label="application/json"),
        answered(FILE, label="text/html"),
        answered(b'{"MaLoi":"99"}', label="application/pdf"),
        answered(b"<html>", label="text/html"),
    ],
    ids=["another payment", "another host", "no text", "json label", "html label", "pdf label", "page"],
)
def test_what_contradicts_itself_is_no_voucher(reply: WireReply) -> None:
    """F17, trap 8: an error JSON saved as .pdf."""
    with pytest.raises(ProtocolViolation):
        fetched(reply)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_dead_link_needs_a_fresh_one(status: int) -> None:
    """F17."""
    assert isinstance(downloaded(answered(b"MOCK-LINK-EXPIRED", label="text/plain", status=status)), Pending)
    assert isinstance(downloaded(answered({"MaLoi": "99", "MoTaLoi": "hết hạn"})), Pending)


@pytest.mark.parametrize("reply", [answered(b"", label="application/pdf"), answered(b"", label="")])
def test_nothing_is_asked_for_again(reply: WireReply) -> None:
    for read in (fetched, downloaded):
        with pytest.raises(TransientRemoteError):
            read(reply)


@pytest.mark.parametrize("status", [301, 302, 400, 500, 503])
def test_another_status_is_no_voucher(status: int) -> None:
    for read in (fetched, downloaded):
        with pytest.raises(RemoteError):
            read(answered(FILE, label="application/pdf", status=status))


@pytest.mark.parametrize(
    "url",
    [
        "http://bienlai.example.vn/7f3a.pdf",
        "https://evil.example/7f3a.pdf",
        "https://bienlai.example.vn@evil.example/",
        "https://bienlai.example.vn:444/",
        "https://bienlai.example.vn\\@evil.example/",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_link_to_another_host_is_never_followed(url: str) -> None:
    system = bench("payment", **HOSTS)
    with pytest.raises(ProtocolViolation):
        system.connector.prepare(system.call("download_voucher", {"UrlBienLai": url}))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.0.9:8443", "169.254.169.254", "[::1]", "[fd00::1]", "localhost", "intranet",
     "kho.internal", "2130706433", "127.1", "0x7f.1"],
)  # fmt: skip
def test_an_address_inside_our_own_network_is_not_gone_to_even_when_listed(host: str) -> None:
    """Contract section 12, SSRF."""
    assert not wire.may_fetch(f"https://{host}/7f3a.pdf", hosts=(host,), allow_http=False)
    assert wire.may_fetch(f"https://{host}/7f3a.pdf", hosts=(host,), allow_http=True)


@given(st.text())
def test_no_link_is_a_crash(url: str) -> None:
    for text in (url, f"https://{url}", f"https://[{url}", f"//{url}"):
        wire.may_fetch(text, hosts=("bienlai.example.vn", ""), allow_http=False)


def test_a_link_is_followed_through_the_security_server_and_the_token_stays_at_home() -> None:
    """O3: the link's host is rewritten; a stranger's host never sees the adapter's token."""
    system = bench("payment", voucher_via="http://10.0.0.5:8080", bearer_token="t0ken", **HOSTS)
    request = system.connector.prepare(system.call("download_voucher", {"UrlBienLai": LINK + "#x"}))
    assert (request.method, request.url) == ("GET", "http://10.0.0.5:8080/tai/7f3a.pdf?m=1")
    assert request.headers == {}
    assert request.content == b""


def test_a_rail_without_get_bill_says_so() -> None:
    system = bench("payment", bill_path="")
    with pytest.raises(ConfigurationError) as raised:
        system.connector.prepare(system.call("fetch_voucher", ASKED))
    assert raised.value.error_code == "operator.no_voucher"


def test_noise_is_never_a_voucher() -> None:
    system = bench("payment", **HOSTS)
    bodies = {"fetch_voucher": ASKED, "download_voucher": {"UrlBienLai": LINK}}
    calls = [system.call(operation, body) for operation, body in bodies.items()]

    @given(st.binary(max_size=60), st.sampled_from(["application/pdf", "application/json", "", "text/html"]))
    def check(content: bytes, label: str) -> None:
        for call in calls:
            try:
                outcome = system.connector.interpret(call, answered(b"%PDF-" + content, label=label))
            except GatewayError:
                continue
            assert isinstance(outcome, Pending)

    check()


def test_without_its_paths_it_offers_neither_vouchers_nor_a_days_list() -> None:
    """Nobody is asked what was not agreed on."""
    assert bench("payment").system.offered >= {"fetch_voucher", "download_voucher", "list_transactions"}
    bare = bench("payment", bill_path="", transactions_path="").system
    assert bare.offered == {"initiate_payment", "query_payment", "download_voucher"}
