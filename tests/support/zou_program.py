"""A Kitsu server with its first data; run by the Python of zou's own environment, see ``zou_server``.

Its database is empty before: tables, statuses and types are made first, and three accounts. Then its port is written to
the file that the first argument names.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def _module(name: str) -> Any:
    """A module of zou's environment."""
    return import_module(name)


def _fill() -> None:
    _module("zou.app.models")
    _module("zou.app.utils.dbhelpers").create_all()
    _module("zou.app.commands.commands_service").init_data(domain="vfx")
    password = _module("zou.app.utils.auth").encrypt_password(os.environ["ACCOUNT_PASSWORD"])
    people = _module("zou.app.services.persons_service")
    people.create_person(os.environ["ADMIN"], password, "Ada", "Admin", role="admin")
    people.create_person(os.environ["USER"], password, "Shot", "Mill", role="manager")
    people.create_person(os.environ["ARTIST"], password, "Maya", "May", role="user")  # over HTTP it would ask the DNS


def _serve(port_file: Path) -> None:
    app = _module("zou.app").app
    with app.app_context():
        _fill()
    server = _module("werkzeug.serving").make_server("127.0.0.1", 0, app, threaded=True)
    written = port_file.with_suffix(".new")
    written.write_text(str(server.port))
    written.replace(port_file)
    server.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
