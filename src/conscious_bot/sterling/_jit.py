"""numba's njit, or plain Python where numba is missing: the kernels then run as they are written, slowly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["array_at", "kernel"]

try:
    import numba
except ImportError:  # a platform without numba still works
    numba = None


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled on its first call: cached on disk, without the interpreter's lock."""
    return function if numba is None else numba.njit(cache=True, nogil=True)(function)


def _array_at(address: int, shape: tuple[int, int], dtype: Any) -> Any:
    """The array whose data begins at an address; the caller keeps it alive."""
    kind = np.ctypeslib.as_ctypes_type(dtype) * (shape[0] * shape[1])
    return np.ctypeslib.as_array(kind.from_address(int(address))).reshape(shape)


if numba is None:
    array_at = _array_at
else:
    from numba.core import extending, types
    from numba.np.numpy_support import carray

    @extending.intrinsic
    def _pointer(_context: Any, address: Any, dtype: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

        return types.CPointer(dtype.dtype)(address, dtype), code

    _compiled_pointer: Any = _pointer

    @extending.register_jitable
    def array_at(address: int, shape: tuple[int, int], dtype: Any) -> Any:
        """The array whose data begins at an address; the caller keeps it alive."""
        return carray(_compiled_pointer(address, dtype), shape)
