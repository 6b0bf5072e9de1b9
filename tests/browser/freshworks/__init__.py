"""A stand-in for Freshdesk's pages and for the platform's kit: our app as it is packed, beside a ticket."""
