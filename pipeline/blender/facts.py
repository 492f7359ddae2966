"""What Blender says of a scene."""

from __future__ import annotations

from ...schema.base import Document


class SceneFile(Document):
    """A file that a scene reads and that is not there.

    Attributes:
        users: what in the scene reads it, for people.
    """

    path: str
    users: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path} ({', '.join(self.users)})" if self.users else self.path


class SceneFacts(Document):
    """One scene of a file.

    Attributes:
        blender: the program's version.
        first, last, step: frames that the scene itself would render.
        rate: frames per second, as a fraction.
        size: width and height in pixels at 100 percent.
        linear: name of the colour space that light is computed in, in Blender's own OCIO config.
        display, view: what pictures that are no EXR are made for, in that config.
        reads: absolute paths of all files that it reads: libraries, textures, caches.
        missing: of those that are not there.
        python_drivers: drivers that only Python could run.
        scripts: texts that would run by themselves, which they never do here.
        file_outputs: nodes that would write files of their own, which they never do here.
    """

    blender: str
    file: str
    scene: str
    scenes: tuple[str, ...]
    view_layers: tuple[str, ...]
    cameras: tuple[str, ...]
    camera: str
    first: int
    last: int
    step: int
    rate: str
    size: tuple[int, int]
    pixel_aspect: float
    engine: str
    linear: str
    display: str
    view: str
    stereo: bool
    reads: tuple[str, ...]
    missing: tuple[SceneFile, ...]
    python_drivers: tuple[str, ...]
    scripts: tuple[str, ...]
    file_outputs: tuple[str, ...]
