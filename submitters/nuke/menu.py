"""Shotmill's menu in Nuke, made when Nuke starts with its window; whatever is wrong with it, Nuke starts."""

from __future__ import annotations

import sys

try:
    from shotmill_nuke.submitters.nuke.menus import add_menu  # pyright: ignore[reportMissingImports] - it is there

    add_menu()
except Exception as error:  # noqa: BLE001 - Nuke must start
    sys.stderr.write(f"Shotmill's menu is not there ({error}); type 'shotmill install nuke' to put it right\n")
