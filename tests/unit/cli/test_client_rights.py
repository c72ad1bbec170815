"""What is wrong is refused in words before any gateway is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.client_rights import limit, ways
from gateway.clients.ways import check_networks, check_ways, is_within
from gateway.sdk.errors import UnprocessableError


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda: limit("a", network=["10.0.0.1/8"]), "caller.client_network"),
        (lambda: limit("a", network=["x"]), "caller.client_network"),
        (lambda: limit("a", operation=["everything"]), "caller.no_such_operation"),
        (lambda: ways("a", add=["cert:abc"]), "caller.client_way"),
        (lambda: ways("a", add=["token:a b"]), "caller.client_way"),
        (lambda: ways("a", certificate=[Path("/nowhere.pem")]), "caller.client_way"),
        (lambda: ways("a", certificate=[Path(__file__)]), "caller.client_way"),
    ],
)
def test_what_is_no_network_operation_or_way_is_refused(act: Callable[[], None], code: str) -> None:
    with pytest.raises(UnprocessableError) as raised:
        act()
    assert raised.value.error_code == code


def test_good_ones_are_kept_once_and_in_order() -> None:
    assert check_ways(["token:b", "spki:" + "a" * 64, "token:b"]) == ("spki:" + "a" * 64, "token:b")
    assert check_networks(["10.0.0.0/8", "10.0.0.0/8", "2001:db8::/32"]) == ("10.0.0.0/8", "2001:db8::/32")


def test_an_address_is_within_a_network_in_whatever_form_it_comes() -> None:
    assert is_within("10.1.2.3", ["10.0.0.0/8"])
    assert is_within("::ffff:10.1.2.3", ["10.0.0.0/8"])
    assert is_within("2001:db8::1", ["10.0.0.0/8", "2001:db8::/32"])
    for stranger in ("11.1.2.3", "2001:db9::1", "", "unknown", "10.1.2.3/8"):
        assert not is_within(stranger, ["10.0.0.0/8", "2001:db8::/32"])
