"""`python -m kcs` is `kcs`."""

from kcs.cli import main

main()
