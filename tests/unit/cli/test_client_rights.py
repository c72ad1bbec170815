"""What is wrong is refused in words: a file before any gateway is opened, the rest before any client is looked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from services import CONTEXT

from gateway.cli.client_rights import ways
from gateway.clients.acts import ClientActs
from gateway.clients.ways import check_networks, check_ways, is_within
from gateway.sdk.errors import UnprocessableError


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda acts: acts.limit("a", {"networks": ["10.0.0.1/8"]}, context=CONTEXT), "caller.client_network"),
        (lambda acts: acts.limit("a", {"networks": ["x"]}, context=CONTEXT), "caller.client_network"),
        (lambda acts: acts.limit("a", {"operations": ["everything"]}, context=CONTEXT), "caller.no_such_operation"),
        (lambda acts: acts.ways("a", add=["cert:abc"], context=CONTEXT), "caller.client_way"),
        (lambda acts: acts.ways("a", add=["token:a b"], context=CONTEXT), "caller.client_way"),
    ],
)
async def test_what_is_no_network_operation_or_way_is_refused(
    act: Callable[[ClientActs], Awaitable[None]], code: str
) -> None:
    untouched: Any = None
    acts = ClientActs(
        untouched,
        untouched,
        untouched,
        recorder=untouched,
        atomically=untouched,
        operations=lambda: ["verify_citizen"],
        clock=lambda: datetime.now(UTC),
    )
    with pytest.raises(UnprocessableError) as raised:
        await act(acts)
    assert raised.value.error_code == code


@pytest.mark.parametrize("file", [Path("/nowhere.pem"), Path(__file__)])
def test_what_is_no_certificate_is_refused(file: Path) -> None:
    with pytest.raises(UnprocessableError) as raised:
        ways("a", certificate=[file])
    assert raised.value.error_code == "caller.client_way"


def test_good_ones_are_kept_once_and_in_order() -> None:
    assert check_ways(["token:b", "spki:" + "a" * 64, "token:b"]) == ("spki:" + "a" * 64, "token:b")
    assert check_networks(["10.0.0.0/8", "10.0.0.0/8", "2001:db8::/32"]) == ("10.0.0.0/8", "2001:db8::/32")


def test_an_address_is_within_a_network_in_whatever_form_it_comes() -> None:
    assert is_within("10.1.2.3", ["10.0.0.0/8"])
    assert is_within("::ffff:10.1.2.3", ["10.0.0.0/8"])
    assert is_within("2001:db8::1", ["10.0.0.0/8", "2001:db8::/32"])
    for stranger in ("11.1.2.3", "2001:db9::1", "", "unknown", "10.1.2.3/8"):
        assert not is_within(stranger, ["10.0.0.0/8", "2001:db8::/32"])
