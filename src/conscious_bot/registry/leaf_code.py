"""The code of a leaf from outside, and loading it: what was signed is what runs, in whichever process.

Whoever asks has verified the signature; here code and contract are held against what was signed once more.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import cast

from conscious_bot.contracts import ExecErrorCode, LeafSpec, Wire
from conscious_bot.leaves.contract import Leaf
from conscious_bot.registry.code_hash import CodeError, hash_tree, read_tree
from conscious_bot.registry.envelopes import spec_hash
from conscious_bot.registry.refusal import RegistryRefusal

__all__ = ["LeafCode", "load_leaf"]


class LeafCode(Wire):
    """Where the code of a leaf lies, and the hashes of code and contract that were signed."""

    id: str
    home: Path
    code_hash: str
    spec_hash: str


def load_leaf(code: LeafCode) -> Leaf:
    """The object `leaf` of the tree's `__init__.py`. Raises `RegistryRefusal` for what is not as it was signed."""
    try:
        altered = hash_tree(read_tree(code.home)) != code.code_hash
    except CodeError as error:
        raise _untrusted(code, str(error)) from error
    if altered:
        raise _untrusted(code, "its code was altered")
    leaf = _imported(code)
    spec = getattr(leaf, "spec", None)
    if not isinstance(spec, LeafSpec):
        raise _untrusted(code, "its code has no object `leaf` with a contract")
    if spec_hash(spec) != code.spec_hash:
        raise _untrusted(code, f"its code brings another contract ({spec.id}) than the one that was signed")
    return cast("Leaf", leaf)


def _imported(code: LeafCode) -> object:
    name = "conscious_bot_leaf_" + "".join(one if one.isalnum() else "_" for one in code.id)
    entry = code.home / "__init__.py"
    found = importlib.util.spec_from_file_location(name, entry, submodule_search_locations=[str(code.home)])
    if found is None or found.loader is None or not entry.is_file():
        raise _untrusted(code, "it has no __init__.py")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    try:
        found.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise _untrusted(code, f"its code cannot be loaded: {error!r}") from error
    return getattr(module, "leaf", None)


def _untrusted(code: LeafCode, detail: str) -> RegistryRefusal:
    return RegistryRefusal(ExecErrorCode.REGISTRY_UNTRUSTED, f"{code.id}: {detail}")
