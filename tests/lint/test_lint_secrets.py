"""Secrets are found wherever they stand, and never told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from strange_bundles import CLEAN, clean, found_in, runs, write

# Made up here, in the shapes that their issuers document.
AWS = "AKIA" + "Q3EGRL7XJ2ZPKM4T"
SECRETS = {
    "AWS": AWS,
    "AWS, for a session": "ASIA" + "Q3EGRL7XJ2ZPKM4T",
    "GitHub": "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2",
    "GitHub, fine-grained": "github_pat_" + "11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "GitLab": "glpat-" + "x7Kp2mQ9vT4wZ8nB1cD3",
    "Slack": "xoxb-" + "123456789012-abcdefGHIJKL",
    "a web hook": "https://hooks.slack.com/services/" + "T0000000/B0000000/abcdefGHIJKLmnop",
    "Google": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "a web token": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".c2lnbmF0dXJlLW9mLWl0",
    "an address": "postgresql://farm:" + "sw0rdf1sh@db.studio/x",
    "a private key": "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEowIBAAKCAQEA\n-----END",
}


@pytest.mark.parametrize("what", SECRETS)
@pytest.mark.parametrize("name", ["template.json", "parameter_values.json", "asset_references.json"])
def test_a_secret_is_found_by_its_shape_and_never_told(what: str, name: str, tmp_path: Path) -> None:
    write(tmp_path, CLEAN)
    write(tmp_path, {**(CLEAN if name == "template.json" else {}), "description": SECRETS[what]}, name=name)
    found = found_in(tmp_path)
    assert ("L401", name) in {(one.code, one.file) for one in found}
    assert "MIIEowIBAAKCAQEA" not in str(found)
    assert SECRETS[what] not in str(found)


def test_a_secret_in_a_comment_is_found_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(f"# one\n# key: {AWS}\n" + json.dumps(CLEAN), encoding="utf-8")
    [found] = found_in(tmp_path)
    assert (found.code, found.place, found.what) == ("L401", "line 2", "an AWS access key stands there")


def test_a_value_under_a_telling_name_is_found_in_parameter_values(tmp_path: Path) -> None:
    write(tmp_path, CLEAN)
    values = {"parameterValues": [{"name": "Note", "value": "hello"}, {"name": "ApiKey", "value": "k3y-of-the-house"}]}
    write(tmp_path, values, name="parameter_values.json")
    [found] = found_in(tmp_path)
    assert (found.code, found.place) == ("L402", "$.parameterValues[1].value")


def test_no_finding_repeats_a_secret_of_the_bundle(tmp_path: Path) -> None:
    document = clean()
    found_nowhere = "s3cr3t-of-the-house"
    document["parameterDefinitions"].append(
        {"name": "Password", "type": "STRING", "default": found_nowhere, "maxLength": 99}
    )
    document[found_nowhere] = "an unknown key, which the library repeats"
    runs("nuke", f"/shows/{found_nowhere}/comp", f"/shows/{AWS}/comp")(document)
    found = found_in(write(tmp_path, document))
    assert {"L107", "L302", "L401", "L402"} <= {one.code for one in found}
    assert found_nowhere not in str(found)
    assert AWS not in str(found)
