import os

from conscious_bot.simulation.kernels import discard_stale


def put(path, text, age):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, (1_000_000 - age, 1_000_000 - age))


def test_what_was_compiled_before_the_newest_kernel_source_is_thrown_away(tmp_path):
    put(tmp_path / "low.py", "from numba import njit", age=10)
    put(tmp_path / "plain.py", "no kernels here", age=0)
    put(tmp_path / "room" / "high.py", "from numba import njit", age=100)
    stale = tmp_path / "room" / "__pycache__" / "high.kernel-1.py311.nbi"
    fresh = tmp_path / "__pycache__" / "low.kernel-1.py311.1.nbc"
    put(stale, "", age=50)
    put(fresh, "", age=5)
    assert discard_stale(tmp_path) == 1
    assert not stale.exists()
    assert fresh.exists()
    assert discard_stale(tmp_path) == 0
