"""How long an agent waits for what may answer a ticket: the panel in a real browser, from a real server."""
