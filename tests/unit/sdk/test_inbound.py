"""JSON from outside is read so that everybody would read the same, or not at all."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import ProtocolViolation, strict_object
from gateway.sdk.soap import read_xml

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_an_honest_object_is_read_as_it_is(document: dict[str, object]) -> None:
    assert strict_object(json.dumps(document, ensure_ascii=False).encode()) == document


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"1",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 9007199254740993}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"b": {"a": 1, "a": 2}}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\xe1"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": ' + b"[" * 25 + b"]" * 25 + b"}",
        b'{"a": ' * 100_000,
    ],
)
def test_what_two_readers_would_read_differently_is_refused(content: bytes) -> None:
    with pytest.raises(ProtocolViolation) as raised:
        strict_object(content)
    assert "9" * 20 not in raised.value.detail


@given(st.binary(max_size=200))
def test_noise_is_refused_or_can_be_stored(content: bytes) -> None:
    try:
        orjson.dumps(strict_object(content))
    except ProtocolViolation:
        return


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<a>",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>',
        b"<a>" * 30 + b"</a>" * 30,
        b"<a>&unknown;</a>",
    ],
)
def test_xml_that_is_none_or_means_harm_is_refused(content: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        read_xml(content)


def test_xml_is_read_by_local_names() -> None:
    found = read_xml(b'<x:DATA xmlns:x="u"><B>1</B><L><C>2</C></L><L><C>3</C></L></x:DATA>')
    assert (found.namespace, found.name, found.value) == ("u", "DATA", {"B": "1", "L": [{"C": "2"}, {"C": "3"}]})
