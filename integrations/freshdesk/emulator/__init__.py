"""A Freshdesk account on this machine: for tests, demonstrations and fault drills."""

from __future__ import annotations

from integrations.freshdesk.emulator.account import KEY, Emulator, EmulatorServer, create_app

__all__ = ["KEY", "Emulator", "EmulatorServer", "create_app"]
