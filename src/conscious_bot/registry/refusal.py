"""How the registry says no."""

from __future__ import annotations

from typing import Any

from conscious_bot.contracts import ConsciousBotError, ExecError, ExecErrorCode, Finding

__all__ = ["RegistryRefusal"]


class RegistryRefusal(ConsciousBotError):
    """The registry did not do what was asked, and nothing but an audit entry is left of it.

    `findings` point into the document where it is one; `evidence` holds figures, a sandbox's report.
    """

    def __init__(
        self,
        code: ExecErrorCode,
        detail: str,
        findings: tuple[Finding, ...] = (),
        evidence: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.error = ExecError.of(code, detail)
        self.findings = findings
        self.evidence = evidence or {}
