"""Exit code 0 if this Python is of a version that the bundle has wheels for; runs on any Python 3."""

import json
import sys

with open("MANIFEST.json", encoding="utf-8") as file:
    sys.exit("{}.{}".format(*sys.version_info[:2]) not in json.load(file)["pythons"])
