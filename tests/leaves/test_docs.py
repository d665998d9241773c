"""What docs/leaves.md tells to do is done, file by file and command by command, in a fresh folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "leaves.md"


@pytest.mark.requirement("LEAF-01")
@pytest.mark.slow
def test_the_leaf_of_the_page_can_be_written_tested_signed_and_registered(tmp_path: Path) -> None:
    text = PAGE.read_text()
    files = re.findall(r"`([\w/]+\.py)`:\n\n```python\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in files] == ["empty_hand/__init__.py", "try_it.py"]
    for name, content in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    said: dict[str, str] = {}
    for command in "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).splitlines():
        if command:
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=tmp_path,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
            said[command] = done.stdout
    assert "inventory.full ok" in said["python try_it.py"]
    assert '"active"' in said["conscious-bot capabilities show empty_hand"]
