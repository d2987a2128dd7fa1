"""The operator command: run a node, enrol a site, watch and repair."""
