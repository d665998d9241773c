"""Run evidence runs: all of them, or those named on the command line, with options for the one that takes some.

Each prints its counts and ends with True if what it stands for held.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time

from tools import prove
from tools.prove._pieces import Unfinished


def main() -> int:
    """Run the named proofs; status 1 if one did not hold."""
    known = sorted(m.name for m in pkgutil.iter_modules(prove.__path__) if not m.name.startswith("_"))
    first = next((i for i, word in enumerate(sys.argv) if i and word.startswith("-")), len(sys.argv))
    wanted, options = sys.argv[1:first] or known, sys.argv[first:]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"there is no proof {', '.join(unknown)}; known are {', '.join(known)}", file=sys.stderr)
        return 2
    if options and len(wanted) > 1:
        print(f"the options {' '.join(options)} are for one proof; name it", file=sys.stderr)
        return 2
    failed: list[str] = []
    for name in wanted:
        print(f"== {name}", flush=True)
        began = time.monotonic()
        proof = importlib.import_module(f"tools.prove.{name}")
        try:
            held = proof.main(options) if options else proof.main()
        except Unfinished as unfinished:
            print(unfinished)
            held = False
        print(f"== {name} {'held' if held else 'DID NOT HOLD'} after {time.monotonic() - began:.0f} s", flush=True)
        if not held:
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
