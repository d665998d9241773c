"""Write the packed tables of one Minecraft version from the minecraft-data package of the body driver.

    python tools/make_tables.py [VERSION] [--check]

Reads `body-driver/node_modules/minecraft-data` through node, keeps the documents and fields that
`conscious_bot.game` uses, and writes `src/conscious_bot/game/data/VERSION.json.gz`; equal input gives
equal bytes. With --check nothing is written and the exit status says whether the file is up to date.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["FIELDS", "documents", "main", "pack"]

ROOT = Path(__file__).resolve().parent.parent
PACKAGE_VERSION = "3.117.0"

FIELDS: dict[str, tuple[str, ...]] = {
    "blocks": (
        "id", "name", "hardness", "diggable", "material", "harvestTools", "drops", "minStateId", "maxStateId",
        "defaultState", "states", "emitLight", "filterLight", "transparent",
    ),
    "items": ("id", "name", "stackSize", "maxDurability"),
    "foods": ("name", "foodPoints", "saturation"),
    "entities": ("id", "name", "width", "height", "type"),
    "blockLoot": ("block", "drops"),
    "entityLoot": ("entity", "drops"),
}  # fmt: skip

_SCRIPT = """
const [root, version] = process.argv.slice(-2)
const { createRequire } = require('module')
const from = createRequire(root + '/body-driver/package.json')
const paths = from('minecraft-data/minecraft-data/data/dataPaths.json')
const fs = require('fs'), path = require('path')
const base = path.dirname(from.resolve('minecraft-data/package.json')) + '/minecraft-data/data/'
const data = from('minecraft-data')
const key = paths.pc[version] ? version : data(version).version.majorVersion
const out = { package: from('minecraft-data/package.json').version }
for (const name of ['blocks', 'items', 'recipes', 'foods', 'materials', 'blockCollisionShapes', 'entities',
  'blockLoot', 'entityLoot', 'version']) {
  const folder = paths.pc[key][name]
  if (folder) out[name] = JSON.parse(fs.readFileSync(base + folder + '/' + name + '.json', 'utf8'))
}
process.stdout.write(JSON.stringify(out))
"""


def documents(version: str) -> dict[str, Any]:
    """The version's documents as minecraft-data ships them, and the package's own version."""
    node = shutil.which("node") or str(Path(sys.executable).with_name("node"))
    done = subprocess.run([node, "-e", _SCRIPT, "--", str(ROOT), version], capture_output=True, check=True)
    return json.loads(done.stdout)


def pack(raw: dict[str, Any], version: str) -> bytes:
    """The packed form: used fields only, sorted keys, a gzip header without a time."""
    if raw["package"] != PACKAGE_VERSION:
        raise SystemExit(f"minecraft-data is {raw['package']}, the tables are made from {PACKAGE_VERSION}")
    kept: dict[str, Any] = {"version": version, "package": raw["package"]}
    for name in ("recipes", "materials", "blockCollisionShapes"):
        kept[name] = raw[name]
    for name, fields in FIELDS.items():
        kept[name] = [{f: row[f] for f in fields if f in row} for row in raw[name]]
    text = json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as stream:
        stream.write(text)
    return buffer.getvalue()


def main() -> None:
    """Write or check the packed tables."""
    parser = argparse.ArgumentParser(description="Pack the tables of one Minecraft version.")
    parser.add_argument("version", nargs="?", default="1.20.4")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if the file is out of date")
    args = parser.parse_args()
    target = ROOT / "src/conscious_bot/game/data" / f"{args.version}.json.gz"
    data = pack(documents(args.version), args.version)
    if args.check:
        raise SystemExit(0 if target.exists() and target.read_bytes() == data else f"{target} is out of date")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    sys.stdout.write(f"{target.relative_to(ROOT)}: {len(data)} bytes\n")


if __name__ == "__main__":
    main()
