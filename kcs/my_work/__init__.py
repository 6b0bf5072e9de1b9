"""One agent's own page: what waits for them, what their articles did, their way to the next licence."""
