"""A Zendesk account on this machine: for tests, demonstrations and fault drills."""

from __future__ import annotations

from integrations.zendesk.emulator.account import (
    SECRET,
    TOKEN,
    AccountHas,
    Emulator,
    EmulatorServer,
    create_app,
)

__all__ = ["SECRET", "TOKEN", "AccountHas", "Emulator", "EmulatorServer", "create_app"]
