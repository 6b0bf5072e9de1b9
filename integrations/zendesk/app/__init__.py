"""The app within Zendesk: packed here, opened from our own server."""
