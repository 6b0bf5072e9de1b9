"""What every stand-in for a vendor's account is made of: a port, faults, limits, losses and a clock."""
