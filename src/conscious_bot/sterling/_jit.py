"""numba's njit, or plain Python where numba is missing: the kernels then run as they are written, slowly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["HAVE_NUMBA", "kernel"]

_F = TypeVar("_F", bound=Callable[..., Any])

try:
    from numba import njit as _njit
except ImportError:  # pragma: no cover - numba is a dependency; a platform without it still works
    HAVE_NUMBA = False

    def kernel(function: _F) -> _F:
        """The function as it is."""
        return function
else:
    HAVE_NUMBA = True

    def kernel(function: _F) -> _F:
        """The function compiled on its first call: cached on disk, without the interpreter's lock."""
        return _njit(cache=True, nogil=True)(function)
