"""numba's njit, or plain Python where numba is missing: the kernels then run as they are written, slowly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["kernel"]

try:
    from numba import njit
except ImportError:  # a platform without numba still works
    njit = None


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled on its first call: cached on disk, without the interpreter's lock."""
    return function if njit is None else njit(cache=True, nogil=True)(function)
