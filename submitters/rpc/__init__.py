"""What hosts talk to: ``shotmill rpc`` reads one question on standard input and answers in JSON lines; ``docs/rpc.md``.

One module a group of operations, imported when one of it is asked for: ``ping`` and ``describe`` load no database.
"""

from __future__ import annotations
