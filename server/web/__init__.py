"""HTTP, WebSocket, sessions and problem+json."""
