#!/bin/sh
# Finds a Python that the bundle has wheels for, and lets the installer do the rest.
set -eu
cd "$(dirname "$0")"

for python in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
    if [ -n "$python" ] && command -v "$python" >/dev/null 2>&1 && "$python" suits.py 2>/dev/null; then
        exec "$python" -X utf8 -m installer "$@"
    fi
done

echo "没有找到可用的 Python，需要以下版本之一 (found no Python of a version that this bundle is for):" >&2
grep '"pythons"' MANIFEST.json >&2
exit 1
