"""Addresses of versions, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shotmill.schema.address import Address
from shotmill.schema.errors import NameRuleError
from shotmill.schema.names import RESERVED

names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,10}x", fullmatch=True).filter(lambda name: name.lower() not in RESERVED)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("demo:sq010/sh010/comp@v003", Address("demo", "sq010/sh010", "comp", 3), id="whole"),
        pytest.param("sq010/sh010/comp", Address("here", "sq010/sh010", "comp"), id="project and version left out"),
        pytest.param("sq010/comp@latest", Address("here", "sq010", "comp", "latest"), id="product of a sequence"),
        pytest.param(
            "plate/hero/thumbnail@approved", Address("here", "plate/hero", "thumbnail", "approved"), id="asset"
        ),
        pytest.param(" a/b/c@v00012 ", Address("here", "a/b", "c", 12), id="zeros and blanks do not count"),
        pytest.param("a/b/c@v1b", Address("here", "a/b", "c", "v1b"), id="not v and digits: a pointer"),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert Address.parse(text, project="here") == address


@given(names, names, names, names, st.integers(1, 999_999) | names)
def test_what_is_written_reads_the_same(project: str, parent: str, name: str, product: str, which: int | str) -> None:
    address = Address(project, f"{parent}/{name}", product, which)
    assert Address.parse(str(address), project="other") == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "comp",
        "a/b/c/d",
        ":a/b/c",
        "a/b/c@",
        "a/b/c@v0",
        "a/b/c@v1000000",
        "a//c",
        "../b/c",
        "a/b/c@v1;x",
        "a\0/b/c",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(NameRuleError):
        Address.parse(text, project="here")
