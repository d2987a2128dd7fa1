"""What intake does: each function is one thing that staff can do, with its fact and its event in one transaction."""
