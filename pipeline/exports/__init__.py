"""Roto shapes written for other programs, each format in one module.

``find_export(name).write(document)`` gives the bytes of one file; equal documents give equal bytes. Nothing here needs
more than the standard library, and no text of a document ever becomes code of the program that opens the file.
"""

from __future__ import annotations

from .registry import Export, export_names, find_export

__all__ = ["Export", "export_names", "find_export"]
