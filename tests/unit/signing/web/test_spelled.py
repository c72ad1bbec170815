"""What is spelled here and not by the library is what the library would spell."""

from __future__ import annotations

import hashlib

import http_sf
import pytest

from gateway.signing.web.components import _named, _octets, content_digest


@pytest.mark.parametrize("size", range(70))
def test_octets_are_spelled_as_the_library_spells_them(size: int) -> None:
    value = bytes(range(255, 255 - size, -1))
    assert _octets(value) == http_sf.ser((value, {}))
    assert content_digest(value) == http_sf.ser({"sha-256": (hashlib.sha256(value).digest(), {})})


@pytest.mark.parametrize("name", ["@method", "content-type", 'a"b', "a\\b", ""])
def test_a_name_is_spelled_as_the_library_spells_it(name: str) -> None:
    for _ in range(2):
        assert _named(name) == http_sf.ser([(name, {})])
