"""Time that moves only when the script says so: robots practised in the past."""

import asyncio


class ScriptClock:
    """Satisfies `server.core.clock.Clock`."""

    def __init__(self, now_ms: int) -> None:
        self.at_ms = now_ms

    def now_ms(self) -> int:
        return self.at_ms

    async def sleep_until(self, at_ms: int) -> None:
        if at_ms > self.at_ms:
            await asyncio.Event().wait()
