"""Asking an expert from a ticket: the question, the answer without a seat, and the draft it becomes."""
