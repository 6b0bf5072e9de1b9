"""An open-source engine beside Zendesk and Freshdesk that supports KCS practices."""

__version__ = "0.1.0"
