"""What every page of the rows behind a figure can tell of itself."""

from __future__ import annotations


class Paged:
    """A page by its number, from 1, of `total` rows with `per_page` on each."""

    number: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def has_prev(self) -> bool:
        """True when a page comes before this one."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """True when a page follows this one."""
        return self.number < self.pages
