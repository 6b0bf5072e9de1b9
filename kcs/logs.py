"""Logging: one line an event, on standard error, and never the values of variables."""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    """Set the log up; standard output stays free for what a command prints."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # The default shows every local variable of every frame: credentials and customers' words.
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ],
        logger_factory=_logger,
    )


def _logger(*_names: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)
