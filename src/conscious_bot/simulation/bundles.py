"""Bundles of arrays that kernels take as one pointer, and the decorator of the kernels that do.

Numba hands a tuple of arrays to a callee word by word, seven and more for each array, and counts references
to each. A world has some fifty arrays, and a tick calls hundreds of functions. So a bundle lays out what
kernels need to know of its arrays (addresses, and those lengths that are not fixed) in a row of words, and a
kernel takes the address of that row. In a kernel, `bundle.name` is the array, or the inner bundle, of that
name; for Python a bundle is an ordinary dataclass.

Where memory is shared, an array of a bundle holds addresses of further arrays: `array_at` makes the function by
which a kernel looks at one of them.

Nothing in a kernel counts references to a bundle's arrays, so it must not return them. `kernel_njit` leaves the
counting out altogether (numba's option `_nrt`), so its kernels cannot make arrays of their own either.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, NamedTuple, Self, get_args, get_type_hints

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import from_dtype, njit, types
from numba.core import cgutils
from numba.core.extending import (
    NativeValue,
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
    unbox,
)
from numba.core.typing.templates import AttributeTemplate
from numba.np.arrayobj import make_array, populate_array

__all__ = ["Bundle", "array_at", "kernel_njit"]

_njit: Any = njit  # its declared type knows nothing of `_nrt`


def kernel_njit(what: Any = None, *, makes_arrays: bool = False) -> Any:
    """The decorator of this room's kernels: bare, or with a signature as `numba.njit` takes it.

    Compiled on disk, and run without the interpreter's lock. `makes_arrays`: with the counting of references
    that arrays of its own ask for.
    """
    options = {"cache": True, "nogil": True, "no_cfunc_wrapper": True, "_nrt": makes_arrays}
    return _njit(**options) if what is None else _njit(what, **options)


class Bundle:
    """The base of frozen dataclasses whose fields are bundles and C-contiguous arrays.

    An array is annotated `Annotated[npt.NDArray[dtype], shape]`. Kernels look up a length of -1 when they
    run; the others are compiled into them.
    """

    address: int
    """Of its row of words, which lives as long as the bundle."""
    _words: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        words: list[int] = []
        for name, field in _fields(type(self)).items():
            part = getattr(self, name)
            words += field.words(part, f"{type(self).__name__}.{name}")
        row = np.array(words, np.int64)
        self.__dict__.update(_words=row, address=row.ctypes.data, _numba_type_=_type_of(type(self)))

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        # A copy has arrays of its own, so it needs words of its own.
        return type(self), tuple(getattr(self, name) for name in _fields(type(self)))

    def replace(self, **changes: Any) -> Self:
        """The same bundle with something else in some places."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var] # every subclass is a dataclass

    def copied(self) -> Self:
        """The same bundle with copies of its own arrays; inner bundles are shared."""
        parts = ((name, getattr(self, name)) for name in _fields(type(self)))
        return self.replace(**{name: part.copy() for name, part in parts if isinstance(part, np.ndarray)})


class _ArrayField(NamedTuple):
    """An array of a bundle: its type for numba, and its shape with -1 for what is not fixed."""

    array: types.Array
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def words(self, part: Any, name: str) -> list[int]:
        """What kernels need to know of the array. TypeError if it is not as declared."""
        if not isinstance(part, np.ndarray) or part.dtype != self.dtype:
            raise TypeError(f"{name} is an array {self.dtype}{list(self.shape)}, not {part!r:.60}")
        fits = part.ndim == len(self.shape) and all(
            fixed in (-1, length) for fixed, length in zip(self.shape, part.shape, strict=True)
        )
        if not fits or not part.flags.c_contiguous:
            wanted = f"{self.dtype}{list(self.shape)}"
            raise TypeError(f"{name} is a contiguous array {wanted}, not one of shape {part.shape}")
        free = [length for fixed, length in zip(self.shape, part.shape, strict=True) if fixed < 0]
        return [part.__array_interface__["data"][0], *free]

    @property
    def size(self) -> int:
        """How many words it takes."""
        return 1 + self.shape.count(-1)


class _InnerField(NamedTuple):
    """A bundle within a bundle."""

    type: _BundleType
    size: int = 1

    def words(self, part: Any, name: str) -> list[int]:
        """Its address. TypeError if it is another kind of thing."""
        if not isinstance(part, self.type.bundle):
            raise TypeError(f"{name} is a bundle {self.type.bundle.__name__}, not {part!r:.60}")
        return [part.address]


@cache
def _fields(bundle: type[Bundle]) -> dict[str, _ArrayField | _InnerField]:
    """The fields of a kind of bundle, in order, as its annotations say."""
    hints = get_type_hints(bundle, include_extras=True)
    found: dict[str, _ArrayField | _InnerField] = {}
    for field in dataclasses.fields(bundle):  # type: ignore[arg-type] # every subclass is a dataclass
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, Bundle):
            found[field.name] = _InnerField(_type_of(hint))
        else:
            array, shape = get_args(hint)
            (dtype,) = get_args(get_args(array)[1])
            kind = np.dtype(dtype)
            found[field.name] = _ArrayField(types.Array(from_dtype(kind), len(shape), "C"), kind, shape)
    return found


class _BundleType(types.Type):
    """Numba's type of a kind of bundle."""

    def __init__(self, bundle: type[Bundle]) -> None:
        self.bundle = bundle
        super().__init__(name=bundle.__qualname__)


@cache
def _type_of(bundle: type[Bundle]) -> _BundleType:
    return _BundleType(bundle)


@register_model(_BundleType)
class _BundleModel(models.OpaqueModel):
    """A pointer to the bundle's words."""


@infer_getattr
class _BundleAttributes(AttributeTemplate):
    key = _BundleType

    def generic_resolve(self, bundle: _BundleType, name: str) -> types.Type | None:
        field = _fields(bundle.bundle).get(name)
        return None if field is None else field[0]


@lower_getattr_generic(_BundleType)
def _lower_attribute(context: Any, builder: Any, bundle: _BundleType, pointer: Any, name: str) -> Any:
    """The code for `bundle.name`."""
    fields = _fields(bundle.bundle)
    place = 0
    for other, field in fields.items():
        if other == name:
            break
        place += field.size
    word = ir.IntType(64)
    words = builder.bitcast(pointer, word.as_pointer())

    def load(k: int) -> Any:
        found = builder.load(builder.gep(words, [ir.Constant(ir.IntType(32), k)]))
        # A bundle's words never change, so what is written to its arrays makes nobody look again.
        found.set_metadata("invariant.load", builder.module.add_metadata([]))
        return found

    field = fields[name]
    if isinstance(field, _InnerField):
        return builder.inttoptr(load(place), context.get_value_type(field.type))
    shape: list[Any] = []
    for length in field.shape:
        if length < 0:
            place += 1
            shape.append(load(place))
        else:
            shape.append(word(length))
    return _array(context, builder, field.array, load(place - field.size + 1), shape)


def _array(context: Any, builder: Any, array: types.Array, address: Any, shape: list[Any]) -> Any:
    """The code for the array of a type at an address."""
    itemsize = context.get_abi_sizeof(context.get_data_type(array.dtype))
    strides = [ir.Constant(ir.IntType(64), itemsize)]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length, flags=["nsw"]))
    made = make_array(array)(context, builder)
    data = builder.inttoptr(address, context.get_data_type(array.dtype).as_pointer())
    populate_array(made, data=data, shape=shape, strides=strides, itemsize=itemsize, meminfo=None)
    return made._getvalue()


def array_at(dtype: npt.DTypeLike, shape: tuple[int, ...]) -> Any:
    """A function for kernels: the C-contiguous array of this kind and shape at an address (int64)."""
    array = types.Array(from_dtype(np.dtype(dtype)), len(shape), "C")

    def at(_typing: Any, _address: Any) -> tuple[Any, Any]:
        def lower(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            lengths = [ir.Constant(ir.IntType(64), length) for length in shape]
            return _array(context, builder, array, arguments[0], lengths)

        return array(types.int64), lower

    return intrinsic(at)


@unbox(_BundleType)
def _unbox(bundle: _BundleType, found: Any, c: Any) -> NativeValue:
    """A Python bundle becomes the address of its words."""
    address = c.pyapi.object_getattr_string(found, "address")
    number = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    pointer = c.builder.inttoptr(number, c.context.get_value_type(bundle))
    return NativeValue(pointer, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))
