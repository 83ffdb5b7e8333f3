"""What a signal is like, offline and as a stream: mel bands, cepstra, spectral shape, tempo."""
