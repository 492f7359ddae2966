"""``python -m shotmill`` is the command line."""

from __future__ import annotations

from shotmill.submitters.cli import main

if __name__ == "__main__":
    main()
