"""`conscious-bot capabilities` on a data directory: keys, signing, looking, and refusals with their status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.registry.test_signatures import SOURCE, SPEC


def capabilities(*args: str | Path, status: int = 0) -> Any:
    command = [sys.executable, "-m", "conscious_bot.cli", "capabilities", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr + done.stdout
    return json.loads(done.stdout) if done.stdout else done.stderr


@pytest.mark.requirement("GOV-09", "GOV-14", "SRV-07")
@pytest.mark.slow
def test_a_leaf_is_signed_and_registered_from_the_command_line(tmp_path: Path) -> None:
    tree, contract = tmp_path / "hum", tmp_path / "hum.json"
    tree.mkdir()
    (tree / "__init__.py").write_text(SOURCE, "utf-8")
    contract.write_text(json.dumps({**SPEC.wire(), "permissions": sorted(SPEC.permissions)}), "utf-8")
    public = capabilities("keys", "new", tmp_path / "key.pem", "--owner", "Sam")
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    (tmp_path / "public.json").write_text(json.dumps(public), "utf-8")
    envelope = capabilities("sign", contract, tree, "--key", tmp_path / "key.pem")
    (tmp_path / "envelope.json").write_text(json.dumps(envelope), "utf-8")
    register = ("register", contract, "--tree", tree, "--envelope", tmp_path / "envelope.json", "--data", tmp_path)
    refused = capabilities(*register, status=1)
    assert refused["error"]["detail"].startswith("unknown key")
    capabilities("keys", "add", tmp_path / "public.json", "--data", tmp_path)
    assert capabilities(*register) == {"ok": True, "id": "hum@1.0.0"}
    assert capabilities("list", "--data", tmp_path)[0]["status"] == "active"
    assert "give a JSON file" in capabilities("register", tmp_path / "none.json", "--data", tmp_path, status=2)
