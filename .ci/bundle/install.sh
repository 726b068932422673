#!/bin/sh
# Finds a Python that the bundle has wheels for, and lets the installer do the rest.
set -eu
cd "$(dirname "$0")"

suits='import json, sys
sys.exit("{}.{}".format(*sys.version_info[:2]) not in json.load(open("MANIFEST.json", encoding="utf-8"))["pythons"])'

for python in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
    if [ -n "$python" ] && command -v "$python" >/dev/null 2>&1 && "$python" -c "$suits" 2>/dev/null; then
        exec "$python" -P -X utf8 -c 'import sys; sys.path.insert(0, "."); import runpy; runpy.run_module("installer", run_name="__main__")' "$@"
    fi
done

echo "没有找到可用的 Python，需要以下版本之一 (no Python of a version that this bundle is for):" >&2
grep '"pythons"' MANIFEST.json >&2
exit 1
