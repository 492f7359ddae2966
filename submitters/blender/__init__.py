"""Blender's extension: its files, and the zip that Blender installs."""

from __future__ import annotations

from .build import build_extension, extension_files, extension_name, extension_zip

__all__ = ["build_extension", "extension_files", "extension_name", "extension_zip"]
