"""Published frames in a scene: one clip and one node a product, which go up to the next version in place."""

from __future__ import annotations

from typing import Any, Mapping

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it

from . import gather

MARK = "shotmill_product"  # a property of what Shotmill has loaded
ADDRESS = "shotmill_version"


def load_version(scene: Any, version: Mapping[str, Any]) -> Any:
    """The movie clip of a version; where an older one of the same product is there, that one is changed.

    A scene that uses nodes gets an image node too, or its own is changed.

    Raises:
        NotReadyError: the version has no frames that Blender shows, or they are gone.
    """
    form = gather.best_form(version)
    if form is None:
        msg = "{} has no frames that Blender could show".format(version["address"])
        raise gather.NotReadyError(msg)
    product, path = gather.product_of(version), gather.first_frame(form["path"], form["frames"])
    clip = _marked(bpy.data.movieclips, product)
    try:
        if clip is None:
            clip = bpy.data.movieclips.load(path)
        else:
            clip.filepath = path
    except RuntimeError as error:
        msg = f"{path} cannot be loaded: {str(error).strip()}"
        raise gather.NotReadyError(msg) from error
    first = int(form["frames"].split("-")[0] or 1) if form["frames"] else 1
    clip.frame_start, clip.name = first, "{owner} {product}".format(**version)
    clip[MARK], clip[ADDRESS] = product, version["address"]
    _name_colour(clip.colorspace_settings, form)
    _in_compositor(scene, version, form, path)
    return clip


def loaded(product: str) -> str:
    """The address of the version of a product that is loaded; empty: none."""
    clip = _marked(bpy.data.movieclips, product)
    return str(clip[ADDRESS]) if clip is not None else ""


def _marked(things: Any, product: str) -> Any | None:
    return next((one for one in things if one.get(MARK) == product), None)


def _name_colour(settings: Any, form: Mapping[str, Any]) -> None:
    known = [one.identifier for one in settings.bl_rna.properties["name"].enum_items]
    found = gather.colour_of(form["colour"], known)
    if found:
        settings.name = found


def _in_compositor(scene: Any, version: Mapping[str, Any], form: Mapping[str, Any], path: str) -> None:
    tree = getattr(scene, "node_tree", None)
    if not getattr(scene, "use_nodes", False) or tree is None:
        return
    product = gather.product_of(version)
    node = _marked(tree.nodes, product)
    if node is None:
        node = tree.nodes.new("CompositorNodeImage")
        node[MARK], node.location = product, (-400, -400)
        node.image = bpy.data.images.load(path)
    image = node.image
    image.filepath = path
    image.source = "SEQUENCE" if form["frames"] else "FILE"
    image.name = "{owner} {product}".format(**version)
    _name_colour(image.colorspace_settings, form)
    node.label = version["address"]
    if form["frames"]:
        first = int(form["frames"].split("-")[0])
        node.frame_start, node.frame_duration, node.frame_offset = first, gather.count_of(form["frames"]), first - 1
