"""CDL files: the ASC's three forms, one correction chosen by its ID, and what is refused before OpenColorIO sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from show_colour import CORRECTION, write_cc, write_ccc

from shotmill.pipeline.colour_cdl import read_cdl
from shotmill.schema.colour import Cdl
from shotmill.schema.errors import ColourError


def read(slope: float, name: str) -> Cdl:
    """By hand, from the file's own text."""
    return Cdl(slope=(slope, 1, 1), offset=(0, 0, 0.25), power=(1, 2, 1), saturation=0.5, id=name)


def test_a_cc_file_holds_one_correction(tmp_path: Path) -> None:
    assert read_cdl(str(write_cc(tmp_path / "grade.cc", 1.5))) == read(1.5, "grade")


def test_an_id_chooses_one_of_a_collection(tmp_path: Path) -> None:
    path = write_ccc(tmp_path / "show.ccc", sh010=1.1, sh020=1.2)
    assert read_cdl(f"{path}#sh020") == read(1.2, "sh020")


def test_a_cdl_file_holds_decisions(tmp_path: Path) -> None:
    path = tmp_path / "show.cdl"
    decision = f"<ColorDecision>{CORRECTION.format(name='a', slope=3)}</ColorDecision>"
    path.write_text(f'<ColorDecisionList xmlns="urn:ASC:CDL:v1.01">{decision}</ColorDecisionList>')
    assert read_cdl(str(path)) == read(3, "a")


def test_a_collection_without_an_id_names_those_that_it_has(tmp_path: Path) -> None:
    path = write_ccc(tmp_path / "show.ccc", sh010=1.1, sh020=1.2)
    with pytest.raises(ColourError, match="holds 2 corrections; choose one of: sh010, sh020"):
        read_cdl(str(path))


def test_an_unknown_id_is_answered_with_the_nearest(tmp_path: Path) -> None:
    path = write_ccc(tmp_path / "show.ccc", sh010=1.1, sh020=1.2, other=1, more=2)
    with pytest.raises(ColourError, match="holds no correction 'sh011'; nearest: sh010, sh020"):
        read_cdl(f"{path}#sh011")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("a.cc", b'<!DOCTYPE a [<!ENTITY b "c">]><ColorCorrection/>', "entities", id="XML entities"),
        pytest.param("a.cc", "<ColorCorrection/>".encode("utf-16"), "UTF-8", id="UTF-16"),
        pytest.param("a.cc", b"\0" * 1000, "UTF-8", id="zeros"),
        pytest.param("a.cc", b"<ColorCorrection", "holds no CDL that can be read", id="cut off"),
        pytest.param("a.xml", b"<ColorCorrection/>", "is no CDL file", id="another suffix"),
        pytest.param(
            "a.cc",
            b'<ColorCorrection id="x"><SOPNode><Slope>-1 1 1</Slope><Offset>0 0 0</Offset><Power>1 1 1</Power>'
            b"</SOPNode></ColorCorrection>",
            "slope",
            id="a negative slope",
        ),
    ],
)
def test_what_is_no_correction_is_refused_by_name(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ColourError, match=said) as refused:
        read_cdl(str(tmp_path / name))
    assert refused.value.fields["path"] == str(tmp_path / name)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.ccc").open("wb") as stream:
        stream.truncate(1 << 30)
    with pytest.raises(ColourError, match="16777216 are allowed"):
        read_cdl(str(tmp_path / "a.ccc"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ColourError, match=r"gone\.cc is not there; there is none of its kind"):
        read_cdl(str(tmp_path / "gone.cc"))
