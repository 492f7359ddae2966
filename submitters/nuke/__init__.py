"""Shotmill in Nuke: what a script holds becomes jobs, and what they publish becomes nodes.

All but ``place`` runs inside Nuke: it imports the standard library and Nuke only, is written for Python 3.7, and asks
Shotmill through ``submitters/client``. ``menu.py`` is what Nuke loads; ``place`` says which files make the plug-in.
"""

from __future__ import annotations

from .place import CLIENT_JSON, plugin_files

__all__ = ["CLIENT_JSON", "plugin_files"]
