#!/usr/bin/env bash
# Makes replay.json anew: records each run whose config stands in it, replays all of them in PyTorch and writes PyTorch's
# losses. To add or change a run, edit its config in replay.json first. Needs a python with torch and numpy ($PYTHON).
set -euo pipefail
cd "$(dirname "$0")/../.."
python="${PYTHON:-python3}"
runs="$(mktemp -d)"
trap 'rm -rf "$runs"' EXIT
"$python" - "$runs" <<'EOF'
import json, pathlib, sys
for name, run in json.loads(pathlib.Path("e2e/golden/replay.json").read_text())["runs"].items():
    (pathlib.Path(sys.argv[1]) / f"{name}.json").write_text(json.dumps(run["config"]))
EOF
folders=()
for config in "$runs"/*.json; do
  npx tsx src/cli/train.ts "$config" --record "${config%.json}"
  folders+=("${config%.json}")
done
"$python" e2e/golden/replay.py --write "${folders[@]}"
