"""RV without RV: what its sessions say of plates and marks, and the package that it installs."""

from __future__ import annotations
