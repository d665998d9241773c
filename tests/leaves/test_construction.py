"""Sites, modules, features: every block is seen, rooms are closed, and what was cut short is taken up again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conscious_bot.contracts import BlockPos

from .conftest import code, shown

pytestmark = pytest.mark.requirement("LEAF-14")
