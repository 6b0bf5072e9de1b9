"""How what a desk sends goes wrong on the way: lost, repeated, out of order, sent anew much later."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Losses(Generic[T]):
    """Spoils batches by shares and a seed: no desk promises order, or that something comes just once.

    Nothing is spoilt until `chance` is called. `lost` holds what was never handed out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.lost: list[T] = []
        self._unseen: list[tuple[T, bool]] = []
        self.chance()

    def chance(
        self,
        *,
        lose: float = 0.0,
        repeat: float = 0.0,
        shuffle: bool = False,
        replay: float = 0.0,
        hide: float = 0.0,
        seed: int = 0,
    ) -> None:
        """Lose, repeat and replay these shares of what is taken from now on, in any order if `shuffle`.

        A replay is an earlier request with its old signature. `hide` is the share of losses that the list of
        invocations does not show. Called without shares it ends the trouble.
        """
        with self._lock:
            self._lose, self._repeat, self._replay, self._hide = lose, repeat, replay, hide
            self._shuffle, self._dice = shuffle, random.Random(seed)
            self.active = bool(lose or repeat or replay or shuffle)

    def spoil(self, taken: Sequence[T], earlier: Sequence[T], again: Callable[[T], T]) -> list[T]:
        """Return the batch as it reaches the endpoint; `again` makes a replay of one sent earlier."""
        if not self.active:
            return list(taken)
        with self._lock:
            handed: list[T] = []
            for one in taken:
                if self._dice.random() < self._lose:
                    self.lost.append(one)
                    self._unseen.append((one, self._dice.random() >= self._hide))
                    continue
                handed.extend([one] * (2 if self._dice.random() < self._repeat else 1))
                if earlier and self._dice.random() < self._replay:
                    handed.append(again(self._dice.choice(earlier)))
            if self._shuffle:
                self._dice.shuffle(handed)
            return handed

    def unseen(self) -> list[tuple[T, bool]]:
        """Return the losses since the last call, each with whether the list of invocations shows it."""
        with self._lock:
            unseen, self._unseen = self._unseen, []
            return unseen
