"""The ledger: which requirements this run proved, at the end of every run."""

from __future__ import annotations

from collections import defaultdict

import pytest

pytest_plugins = ["tests.protocol_server.harness"]

_BEGUN_FIRST = ("slow", "browser", "server")
_outcomes: dict[str, dict[str, str]] = defaultdict(dict)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # Properties travel with the reports of the workers that run the tests.
        item.user_properties += [("requirement", i) for m in item.iter_markers("requirement") for i in m.args]
    # Files with a long test come first; what is left over at the end is short.
    first = {item.path for item in items if any(map(item.get_closest_marker, _BEGUN_FIRST))}
    items.sort(key=lambda item: item.path not in first)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, requirement in report.user_properties:
        if name != "requirement":
            continue
        outcomes = _outcomes[str(requirement)]
        if report.failed:
            outcomes[report.nodeid] = "failed"
        elif report.skipped:
            outcomes.setdefault(report.nodeid, "not run")
        elif report.when == "call":
            outcomes.setdefault(report.nodeid, "passed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _outcomes:
        return
    terminalreporter.section("requirements")
    for requirement, tests in sorted(_outcomes.items()):
        results = list(tests.values())
        verdict = "failed" if "failed" in results else "passed" if "passed" in results else "not run"
        counts = ", ".join(f"{results.count(k)} {k}" for k in ("passed", "failed", "not run") if k in results)
        terminalreporter.write_line(f"{requirement:10} {verdict:8} {counts}")
