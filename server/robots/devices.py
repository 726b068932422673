"""设备测试 of a robot: a machine as halls have them, now and then with a dead earpiece."""

from random import Random
from typing import Any

_FAULTY = 0.03
_SCREENS = ((1366, 768), (1600, 900), (1920, 1080))


def report(chance: Random) -> dict[str, Any]:
    """What a page would send of its machine (`server.core.devices.DeviceReport`)."""
    width, height = chance.choice(_SCREENS)
    played = chance.randint(2, 5)
    left = chance.randint(1, played - 1)
    heard = left if chance.random() < _FAULTY else played
    return {
        "headphones": {"played": played, "left": left, "heard": heard, "tries": 1},
        "input_method": {"matched": True, "composed": True, "pasted": False},
        "browser": {"engine": "chromium", "name": "edge", "version": 120},
        "screen": {
            "width": width,
            "height": height,
            "window_width": width,
            "window_height": height - 130,
            "ratio_percent": 100,
        },
        "secure": True,
        "storage": True,
        "output": True,
        "offset_ms": 0,
        "microphone": None,
    }
