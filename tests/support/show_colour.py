"""A show's OCIO config with looks, file LUTs and a context variable, small enough to work out by hand."""

from __future__ import annotations

from pathlib import Path

CONFIG = """ocio_profile_version: 2
environment: {SHOT: any}
search_path: luts
roles: {scene_linear: lin, default: raw}
file_rules:
  - !<Rule> {name: Default, colorspace: raw}
displays:
  Desk:
    - !<View> {name: Film, colorspace: film}
    - !<View> {name: Graded, colorspace: film, looks: shot}
  Wall:
    - !<View> {name: Bright, colorspace: lin}
    - !<View> {name: Raw, colorspace: raw}
looks:
  - !<Look>
    name: warm
    process_space: lin
    transform: !<CDLTransform> {slope: [2, 1, 1]}
  - !<Look>
    name: shot
    process_space: lin
    transform: !<FileTransform> {src: "${SHOT}.spi1d"}
  - !<Look>
    name: cool
    process_space: lin
    transform: !<FileTransform> {src: cool.spi1d}
colorspaces:
  - !<ColorSpace> {name: raw, isdata: true}
  - !<ColorSpace> {name: lin, aliases: [linear_light], encoding: scene-linear}
  - !<ColorSpace>
    name: half
    to_scene_reference: !<MatrixTransform> {matrix: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]}
  - !<ColorSpace>
    name: film
    from_scene_reference: !<MatrixTransform> {matrix: [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 1]}
"""
LUT = """Version 1
From 0.0 1.0
Length 2
Components 1
{{
0.0
{top}
}}
"""
CORRECTION = (
    '<ColorCorrection id="{name}"><SOPNode><Slope>{slope} 1 1</Slope><Offset>0 0 0.25</Offset><Power>1 2 1</Power>'
    "</SOPNode><SatNode><Saturation>0.5</Saturation></SatNode></ColorCorrection>"
)


def write_show(folder: Path) -> Path:
    """A config beside the LUTs ``any``, ``sh010`` and ``cool``."""
    (folder / "luts").mkdir(parents=True)
    for name, top in (("any", 1.0), ("sh010", 0.5), ("cool", 0.25)):
        write_lut(folder / "luts" / f"{name}.spi1d", top)
    config = folder / "config.ocio"
    config.write_text(CONFIG)
    return config


def write_lut(path: Path, top: float) -> Path:
    """A LUT from 0..1 to 0..top."""
    path.write_text(LUT.format(top=top))
    return path


def write_ccc(path: Path, **slopes: float) -> Path:
    """A collection of corrections that differ in the slope of red, by name."""
    corrections = "".join(CORRECTION.format(name=name, slope=slope) for name, slope in slopes.items())
    path.write_text(f'<ColorCorrectionCollection xmlns="urn:ASC:CDL:v1.2">{corrections}</ColorCorrectionCollection>')
    return path


def write_cc(path: Path, slope: float = 1.5) -> Path:
    """One correction; its namespace makes it a .cc as ASC CDL 1.2 has it."""
    path.write_text(CORRECTION.format(name="grade", slope=slope).replace(" id=", ' xmlns="urn:ASC:CDL:v1.2" id=', 1))
    return path


def write_edl(path: Path) -> Path:
    """A cut of two shots; the first has a CDL."""
    path.write_text(
        "TITLE: main\nFCM: NON-DROP FRAME\n\n"
        "001  TAPE1    V     C        01:00:00:00 01:00:00:10 01:00:00:00 01:00:00:10\n"
        "* FROM CLIP NAME: sq010_sh010\n"
        "* ASC_SOP: (1.25 1 1) (0 0 0.125) (1 1 1)\n"
        "* ASC_SAT: 0.75\n"
        "002  TAPE2    V     C        01:00:00:00 01:00:00:10 01:00:00:10 01:00:00:20\n"
        "* FROM CLIP NAME: sq010_sh020\n"
    )
    return path
