"""Central: the ministry view, built from the events of every rutan."""
