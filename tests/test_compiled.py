import os
import subprocess
import sys

from conscious_bot._compiled import discard_stale


def put(path, text, age):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, (1_000_000 - age, 1_000_000 - age))


def test_what_was_compiled_before_a_source_it_imports_changed_is_thrown_away(tmp_path):
    root = tmp_path / "house"
    put(root / "low.py", "from numba import njit", age=10)
    put(root / "middle.py", "from house.low import kernel\nimport os", age=100)
    put(root / "plain.py", "nothing compiled here", age=0)
    put(root / "high.py", "from numba import njit\nfrom house import (\n    middle,\n    plain,\n)", age=100)
    put(root / "other.py", "from numba import njit", age=100)
    stale = root / "__pycache__" / "high.kernel-1.py311.nbi"
    fresh = root / "__pycache__" / "low.kernel-1.py311.1.nbc"
    independent = root / "__pycache__" / "other.kernel-1.py311.nbi"
    orphan = root / "__pycache__" / "gone.kernel-1.py311.nbi"
    put(stale, "", age=50)
    put(fresh, "", age=5)
    put(independent, "", age=50)
    put(orphan, "", age=5)
    assert discard_stale(root) == 2
    assert not stale.exists()
    assert not orphan.exists()
    assert fresh.exists()
    assert independent.exists()
    assert discard_stale(root) == 0


def test_a_room_is_judged_by_what_it_imports_from_other_rooms(tmp_path):
    root = tmp_path / "house"
    put(root / "facts.py", "WIDE = 1  # compiled into njit kernels", age=0)
    put(root / "room" / "work.py", "from numba import njit\nfrom house.facts import WIDE", age=100)
    stale = root / "room" / "__pycache__" / "work.kernel-1.py311.nbi"
    put(stale, "", age=50)
    assert discard_stale(root / "room", root) == 1


_FRESH_START = """
from numba.core import event
from conscious_bot.simulation.warm import warm_ground, warm_world

with event.install_recorder("numba:compile") as compiled:
    warm_ground()
    warm_world()
print(len(compiled.buffer))
"""


def test_a_fresh_process_compiles_nothing_once_the_kernels_were_compiled():
    for _ in range(2):  # the first may have to, if this test runs without a setup before it
        done = subprocess.run([sys.executable, "-c", _FRESH_START], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 0
