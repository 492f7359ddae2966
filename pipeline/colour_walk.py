"""Which files an OCIO config may read for a grade, and its context variables, before any of them is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field

from ..schema.colour import Grade
from .colour import OCIO_ERRORS, Colour
from .colour_grade import context_of, look_names
from .colour_hash import ARCHIVE, BUILT_IN

_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)|%(\w+)%")  # the three forms of OCIO's context variables
_TO, _FROM = ocio.COLORSPACE_DIR_TO_REFERENCE, ocio.COLORSPACE_DIR_FROM_REFERENCE
_VIEW_TO, _VIEW_FROM = ocio.VIEWTRANSFORM_DIR_TO_REFERENCE, ocio.VIEWTRANSFORM_DIR_FROM_REFERENCE


def reads_files(colour: Colour) -> bool:
    """Whether the config can read files beside itself: those that are part of the library cannot."""
    return not colour.source.startswith(BUILT_IN)


def is_archive(colour: Colour) -> bool:
    """Whether the config brings its files along, all under one hash."""
    return colour.source.endswith(ARCHIVE)


def reachable_files(colour: Colour, grade: Grade) -> list[str]:
    """The files that are there and that a grade may read, in order of their paths, and perhaps a few more.

    Files that are not there are left to OpenColorIO, which knows whether it needs them.
    """
    context = context_of(colour, grade)
    found = set()
    for source in _Walk(colour.config, context).sources(grade):
        try:
            found.add(str(context.resolveFileLocation(source)))
        except OCIO_ERRORS:
            continue  # not there, or its name has a variable that nobody set
    return sorted(found)


def follows_context(colour: Colour, grade: Grade) -> bool:
    """Whether context variables choose the files that a grade reads."""
    names = [str(path) for path in colour.config.getSearchPaths()]
    return any(map(_VARIABLE.search, (*names, *_Walk(colour.config, context_of(colour, grade)).sources(grade))))


@lru_cache(maxsize=4)  # asked for each clip of a cut, and a config of a studio takes 4 ms to write
def variables_of(colour: Colour) -> frozenset[str]:
    """Context variables that the config speaks of, declared or used in the name of a file, a look or a search path."""
    config = colour.config
    declared = frozenset(str(name) for name in config.getEnvironmentVarNames())
    used = _VARIABLE.findall(config.serialize()) if reads_files(colour) else ()
    return declared | {name for names in used for name in names if name}


class _Walk:
    """From colour spaces, looks and views to the transforms below them, each once."""

    def __init__(self, config: Any, context: Any) -> None:
        self._config = config
        self._context = context
        self._seen: set[tuple[str, str]] = set()

    def sources(self, grade: Grade) -> set[str]:
        """The names of files that a grade's transforms give, as they give them."""
        names = (grade.source, grade.cdl_space, grade.look_space, grade.space)
        found = {source for name in names for source in self._space(name)}
        found.update(self._looks(grade.look))
        if grade.display:
            found.update(self._view(grade.display, grade.view or self._config.getDefaultView(grade.display)))
        return found

    def _is_new(self, kind: str, name: str) -> bool:
        if not name or (kind, name) in self._seen:
            return False
        self._seen.add((kind, name))
        return True

    def _space(self, name: str) -> Iterator[str]:
        """A colour space, or a named transform where one is meant."""
        name = self._context.resolveStringVar(name)
        if not self._is_new("space", name):
            return
        space = self._config.getColorSpace(name)
        if space is not None:
            if space.getReferenceSpaceType() == ocio.REFERENCE_SPACE_DISPLAY:
                yield from self._view_transform(self._config.getDefaultViewTransformName())
            yield from self._transform(space.getTransform(_TO))
            yield from self._transform(space.getTransform(_FROM))
        elif (named := self._config.getNamedTransform(name)) is not None:
            for direction in (ocio.TRANSFORM_DIR_FORWARD, ocio.TRANSFORM_DIR_INVERSE):
                yield from self._transform(named.getTransform(direction))

    def _looks(self, text: str) -> Iterator[str]:
        for name in look_names(self._context.resolveStringVar(text)):
            look = self._config.getLook(name)
            if look is not None and self._is_new("look", name):
                yield from self._space(look.getProcessSpace())
                yield from self._transform(look.getTransform())
                yield from self._transform(look.getInverseTransform())

    def _view(self, display: str, view: str) -> Iterator[str]:
        if not self._is_new("view", f"{display}\n{view}"):
            return
        space = self._config.getDisplayViewColorSpaceName(display, view)
        yield from self._space(display if space == "<USE_DISPLAY_NAME>" else space)
        yield from self._view_transform(self._config.getDisplayViewTransformName(display, view))
        yield from self._looks(self._config.getDisplayViewLooks(display, view))

    def _view_transform(self, name: str) -> Iterator[str]:
        if not self._is_new("view transform", name):
            return
        found = self._config.getViewTransform(name)
        if found is not None:
            yield from self._transform(found.getTransform(_VIEW_TO))
            yield from self._transform(found.getTransform(_VIEW_FROM))

    def _transform(self, transform: Any) -> Iterator[str]:
        if transform is None:
            return
        if isinstance(transform, ocio.GroupTransform):
            for one in transform:
                yield from self._transform(one)
        elif isinstance(transform, ocio.FileTransform):
            yield str(transform.getSrc())
        elif isinstance(transform, ocio.ColorSpaceTransform):
            yield from self._space(transform.getSrc())
            yield from self._space(transform.getDst())
        elif isinstance(transform, ocio.LookTransform):
            yield from self._space(transform.getSrc())
            yield from self._space(transform.getDst())
            yield from self._looks(transform.getLooks())
        elif isinstance(transform, ocio.DisplayViewTransform):
            yield from self._space(transform.getSrc())
            yield from self._view(transform.getDisplay(), transform.getView())
