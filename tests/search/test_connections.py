"""Connections to the index file: used again while it is the same file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from kcs.search.connections import Connections


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return made(tmp_path / "search.db", "first")


def made(path: Path, word: str) -> Path:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE told (word TEXT)")
    connection.execute("INSERT INTO told VALUES (?)", (word,))
    connection.commit()
    connection.close()
    return path


def told(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT word FROM told").fetchone()[0])


def test_a_connection_given_back_is_used_again(file: Path) -> None:
    connections = Connections(file)
    first = connections.take()
    connections.give(first)
    assert connections.take() is first


def test_two_at_a_time_have_connections_of_their_own(file: Path) -> None:
    connections = Connections(file)
    assert connections.take() is not connections.take()


def test_giving_back_ends_the_transaction(file: Path) -> None:
    connections = Connections(file)
    connection = connections.take()
    connection.execute("BEGIN IMMEDIATE")
    connections.give(connection)
    other = sqlite3.connect(file, timeout=0)
    other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.parametrize("given_back", ["before the swap", "after the swap"])
def test_a_replaced_file_is_read_anew(file: Path, tmp_path: Path, given_back: str) -> None:
    connections = Connections(file)
    old = connections.take()
    assert told(old) == "first"
    if given_back == "before the swap":
        connections.give(old)
    made(tmp_path / "new.db", "second").replace(file)
    if given_back == "after the swap":
        connections.give(old)
    assert told(connections.take()) == "second"
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        told(old)


def test_a_deleted_file_is_not_read_from_memory(file: Path) -> None:
    connections = Connections(file)
    connections.give(connections.take())
    file.unlink()
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        told(connections.take())
