"""The process in which options are tried: one document a line in, one report a line out.

It has no journal, no network and no data directory; its memory is limited by the system. Whoever started
it ends it when a test takes too long; if that process is gone, it ends itself.
Run as `python -m conscious_bot.registry.sandbox_worker MIB`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from conscious_bot.behavior import CompileError, LeafIndex, compile_option
from conscious_bot.contracts import OptionDocument
from conscious_bot.contracts.canonical import canonical_json
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import LeafCatalogue, default_catalogue
from conscious_bot.registry.leaf_code import LeafCode, load_leaf
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.shipped import shipped_options
from conscious_bot.registry.trial import SandboxReport, try_option

__all__ = ["main"]

_LOOKS_EVERY_S = 0.5
_FIRST_CAP_S = 600.0


def main() -> None:
    """Serve until the input ends."""
    # Nothing that a library prints may stand between the reports.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    tables, catalogue = Tables.builtin(), default_catalogue()
    # A whole trial loads every kernel, so that the first option is tried as fast as the next. It has to pass:
    # one that ended early would have loaded nothing, and a sandbox that fails what is good is none.
    document = json.loads(shipped_options()["torch_corridor"])
    uses = [spec.id for spec in catalogue.specs()]
    first = _answer({"document": document, "capS": _FIRST_CAP_S, "uses": uses, "leaves": []}, catalogue, tables)
    if not first.passed:
        raise RuntimeError(f"a shipped option fails in the sandbox: {first.summary()}")
    gc.collect()
    gc.freeze()  # tables and kernels stay; collecting a test's world does not have to look at them again
    _limit_memory(int(sys.argv[1]))
    _say(answers, {"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        _say(answers, _answer(request, catalogue, tables).wire())


def _answer(request: dict[str, Any], shipped: LeafCatalogue, tables: Tables) -> SandboxReport:
    try:
        outside = [load_leaf(LeafCode.model_validate(code)) for code in request["leaves"]]
        catalogue = shipped.with_leaves(outside) if outside else shipped
        leaves = LeafIndex(spec for spec in catalogue.specs() if spec.id in request["uses"])
        document = OptionDocument.model_validate(request["document"])
        return try_option(compile_option(document, leaves, cap_s=request["capS"]), catalogue, tables)
    except RegistryRefusal as refusal:
        return SandboxReport(passed=False, problem=f"a leaf cannot be loaded: {refusal.error.detail}")
    except CompileError as error:
        return SandboxReport(passed=False, problem=f"does not compile: {error}")
    except MemoryError:
        return SandboxReport(passed=False, problem="its tests need more memory than the sandbox has")


def _end_with(parent: int) -> None:
    """End when the process that asked is gone: nobody would stop a trial that takes too long."""
    while os.getppid() == parent:
        time.sleep(_LOOKS_EVERY_S)
    os._exit(0)


def _say(answers: IO[str], document: dict[str, Any]) -> None:
    answers.write(canonical_json(document) + "\n")
    answers.flush()


def _limit_memory(more_mib: int) -> None:
    """At most so much more address space than the warm process has already."""
    if sys.platform != "linux":
        return  # only there does the limit hold; the limit of time holds everywhere
    import resource  # noqa: PLC0415 - does not exist on Windows

    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    limit = pages * resource.getpagesize() + (more_mib << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
