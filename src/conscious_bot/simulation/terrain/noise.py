"""Hashes and gradient noise: functions of seed and place alone, so that columns can be made in any order."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["chance", "hash_at", "mix", "noise2", "noise3", "unit"]

# Odd 64-bit constants with well-spread bits, as signed numbers: int64 products wrap around in kernels.
_PRIME_X = 0x1F83D9ABFB41BD6B
_PRIME_Y = 0x5BE0CD19137E2179
_PRIME_Z = 0x2B7E151628AED2A7
_PRIME_SALT = 0x3C6EF372FE94F82B
_MIX_A = 0x3F58476D1CE4E5B9
_MIX_B = 0x14D049BB133111EB
_STEP = 0x1E3779B97F4A7C15
_LOW_31 = 0x7FFFFFFF
_LOW_53 = (1 << 53) - 1

_WAYS_X = np.array([math.cos(i * math.pi / 8) for i in range(16)])
_WAYS_Z = np.array([math.sin(i * math.pi / 8) for i in range(16)])


@njit(cache=True)
def mix(value: int) -> int:
    """Scramble 64 bits; also the step of a random sequence: `state = mix(state)`."""
    value += _STEP
    value ^= (value >> 30) & 0x3FFFFFFFF
    value *= _MIX_A
    value ^= (value >> 27) & 0x1FFFFFFFFF
    value *= _MIX_B
    return value ^ ((value >> 31) & 0x1FFFFFFFF)


@njit("int64(int64, int64, int64, int64, int64)", cache=True)  # else once for each salt
def hash_at(seed: int, salt: int, x: int, y: int, z: int) -> int:
    """64 bits that depend on everything given."""
    return mix(mix(seed ^ (salt * _PRIME_SALT)) + x * _PRIME_X + y * _PRIME_Y + z * _PRIME_Z)


@njit(cache=True)
def unit(bits: int) -> float:
    """Hashed bits as a number from 0 to below 1."""
    return ((bits >> 11) & _LOW_53) / 9007199254740992.0


@njit("float64(int64, int64, int64, int64, int64)", cache=True)
def chance(seed: int, salt: int, x: int, y: int, z: int) -> float:
    """A number from 0 to below 1 for a place."""
    return unit(hash_at(seed, salt, x, y, z))


@njit(cache=True)
def _corner(seed: int, x: int, z: int, dx: float, dz: float) -> float:
    """The pull of a lattice point with one of sixteen directions."""
    way = (mix(seed + x * _PRIME_X + z * _PRIME_Z) >> 20) & 15
    return _WAYS_X[way] * dx + _WAYS_Z[way] * dz


@njit(cache=True)
def noise2(seed: int, x: float, z: float) -> float:
    """Gradient noise with lattice distance 1; about -1 to 1, mostly within 0.6 of zero.

    The lattice is shifted by the seed: on its points the noise is zero, and the world's middle is no such point.
    """
    shift = mix(seed)
    x += (shift & 0xFFFF) / 65536.0
    z += ((shift >> 16) & 0xFFFF) / 65536.0
    x0 = math.floor(x)
    z0 = math.floor(z)
    fx = x - x0
    fz = z - z0
    ix = x0
    iz = z0
    a = _corner(seed, ix, iz, fx, fz)
    b = _corner(seed, ix + 1, iz, fx - 1.0, fz)
    c = _corner(seed, ix, iz + 1, fx, fz - 1.0)
    d = _corner(seed, ix + 1, iz + 1, fx - 1.0, fz - 1.0)
    u = fx * fx * fx * (fx * (fx * 6.0 - 15.0) + 10.0)
    v = fz * fz * fz * (fz * (fz * 6.0 - 15.0) + 10.0)
    ab = a + (b - a) * u
    cd = c + (d - c) * u
    return (ab + (cd - ab) * v) * 1.41421356


@njit(cache=True)
def _corner3(seed: int, x: int, y: int, z: int, dx: float, dy: float, dz: float) -> float:
    """The pull of a lattice point in space: one of twelve directions, towards the edges of a cube."""
    way = ((mix(seed + x * _PRIME_X + y * _PRIME_Y + z * _PRIME_Z) >> 20) & _LOW_31) % 12
    first = -1.0 if way & 1 else 1.0
    second = -1.0 if way & 2 else 1.0
    axis = way >> 2
    if axis == 0:
        return first * dx + second * dy
    if axis == 1:
        return first * dx + second * dz
    return first * dy + second * dz


@njit(cache=True)
def noise3(seed: int, x: float, y: float, z: float) -> float:
    """Gradient noise in space; about -1 to 1. Shifted like `noise2`."""
    shift = mix(seed)
    x += (shift & 0xFFFF) / 65536.0
    y += ((shift >> 16) & 0xFFFF) / 65536.0
    z += ((shift >> 32) & 0xFFFF) / 65536.0
    x0 = math.floor(x)
    y0 = math.floor(y)
    z0 = math.floor(z)
    fx = x - x0
    fy = y - y0
    fz = z - z0
    ix = x0
    iy = y0
    iz = z0
    u = fx * fx * fx * (fx * (fx * 6.0 - 15.0) + 10.0)
    v = fy * fy * fy * (fy * (fy * 6.0 - 15.0) + 10.0)
    w = fz * fz * fz * (fz * (fz * 6.0 - 15.0) + 10.0)
    a = _corner3(seed, ix, iy, iz, fx, fy, fz)
    b = _corner3(seed, ix + 1, iy, iz, fx - 1.0, fy, fz)
    low = a + (b - a) * u
    a = _corner3(seed, ix, iy + 1, iz, fx, fy - 1.0, fz)
    b = _corner3(seed, ix + 1, iy + 1, iz, fx - 1.0, fy - 1.0, fz)
    high = a + (b - a) * u
    near = low + (high - low) * v
    a = _corner3(seed, ix, iy, iz + 1, fx, fy, fz - 1.0)
    b = _corner3(seed, ix + 1, iy, iz + 1, fx - 1.0, fy, fz - 1.0)
    low = a + (b - a) * u
    a = _corner3(seed, ix, iy + 1, iz + 1, fx, fy - 1.0, fz - 1.0)
    b = _corner3(seed, ix + 1, iy + 1, iz + 1, fx - 1.0, fy - 1.0, fz - 1.0)
    high = a + (b - a) * u
    far = low + (high - low) * v
    return near + (far - near) * w
