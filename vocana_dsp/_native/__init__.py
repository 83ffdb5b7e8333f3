"""One module for each noun of the C library: check the shape, make one call, report the status."""
