"""OCIO configs as small as they can be, whose displays show one colour each."""

from __future__ import annotations

from pathlib import Path

CONFIG = """ocio_profile_version: 2
roles: {{scene_linear: plain, default: plain}}
file_rules:
  - !<Rule> {{name: Default, colorspace: plain}}
displays:
  sRGB:
    - !<View> {{name: Shown, colorspace: desk}}
    - !<View> {{name: Seen, colorspace: desk}}
  Wall:
    - !<View> {{name: Shown, colorspace: plain}}
    - !<View> {{name: Seen, colorspace: wall}}
colorspaces:
  - !<ColorSpace> {{name: plain, aliases: [sRGB]}}
  - !<ColorSpace>
    name: desk
    from_scene_reference: !<MatrixTransform> {{matrix: {black}, offset: [{desk}, 0, 0, 0]}}
  - !<ColorSpace>
    name: wall
    from_scene_reference: !<MatrixTransform> {{matrix: {black}, offset: [{wall}, 0, 0, 0]}}
"""
BLACK = "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]"


def write_config(path: Path, *, red: int, wall: int = 0) -> Path:
    """A config whose first display makes every pixel this red (0..255), and ``Wall`` with the view ``Seen`` that."""
    path.write_text(CONFIG.format(black=BLACK, desk=red / 255, wall=wall / 255))
    return path
