"""The database's history: Alembic revisions that bring any older database to the tables of this program.

``REVISIONS`` is readable without Alembic, so that a start-up can see at once whether there is work to do; a test
holds it equal to the tree in ``versions/``.
"""

from __future__ import annotations

from pathlib import Path

# Oldest first. A database whose revision is not in this list was made by a newer program.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
HEAD = REVISIONS[-1]
FOLDER = Path(__file__).resolve().parent
