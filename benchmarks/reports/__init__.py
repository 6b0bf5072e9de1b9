"""What reports cost over a long log, beside the sums they are made of and beside the log itself."""
