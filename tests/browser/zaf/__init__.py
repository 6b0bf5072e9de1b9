"""A stand-in for Zendesk's pages: tickets with a form, and our app in a frame beside each."""
