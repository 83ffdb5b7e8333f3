"""Processing: nodes, and the chains that run them on C threads or on arrays."""
