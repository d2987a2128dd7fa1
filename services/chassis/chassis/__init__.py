"""What every service needs, and no word of the domain."""
