"""Every operation of the OpenAPI document, called by schemathesis with what fits it and with what does not."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Examination", "examine"]

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@dataclass(frozen=True, slots=True)
class Examination:
    """What came of it: how many cases were sent to how many operations, and everything that was printed."""

    ok: bool
    cases: int
    operations: int
    text: str


def examine(
    url: str,
    folder: Path,
    *,
    capability: str,
    leaf: str,
    token: str | None = None,
    phases: Collection[str] = ("coverage", "fuzzing"),
    examples: int = 5,
    seconds: float = 600,
) -> Examination:
    """No answer is the service's own fault, and every answer is one that the document declares, in its form.

    Deterministic. Paths name the capability and the leaf that are there; other tests guess at names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "schemathesis.toml"
    config.write_text(f'[parameters]\n"path.capability" = "{capability}"\n"path.leaf" = "{leaf}"\n', "utf-8")
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run"]
    command += [f"{url}/openapi.json", "--seed", "1", "--generation-deterministic"]
    command += ["--no-color", "--warnings", "off", "--checks", ",".join(CHECKS), "--phases", ",".join(phases)]
    command += ["--max-examples", str(examples), "--request-timeout", "120"]
    if token is not None:
        command += ["--header", f"Authorization: Bearer {token}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, cwd=folder)
    text = done.stdout + done.stderr
    cases = re.search(r"(\d+) generated", text)
    tested = re.search(r"Tested: (\d+)", text)
    return Examination(done.returncode == 0, int(cases[1]) if cases else 0, int(tested[1]) if tested else 0, text)
