"""Speed and size of the simulator, next to a bare aiohttp handler."""
