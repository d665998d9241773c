"""The page's sentences: plain functions of events, tested where they run, in Node."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.requirement("SRV-03")
def test_the_sentences_of_the_page_are_true_of_the_events_they_tell() -> None:
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    assert node is not None, "node comes with the environment"
    script = Path(__file__).parent / "words.test.mjs"
    done = subprocess.run([node, "--test", str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
