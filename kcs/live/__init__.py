"""What colleagues do, shown without a reload: events over one connection, or by polling."""
