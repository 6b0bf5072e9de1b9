"""The panel inside a desk's own pages: who visits, with what, and what happens at a save there."""
