"""What others may follow about tickets, within the same transaction; wired in `kcs.app`."""

from __future__ import annotations

from blinker import Signal

# Sent with the ticket when the mirror has it for the first time, however old it is.
ticket_opened = Signal()
# Sent with the ticket when words of it are not to be kept any more: redacted on the desk, or erased here.
words_taken_back = Signal()
# Sent with the connection when another field, or none, says which product its tickets are about.
product_field_changed = Signal()
