"""Sound files, through libsndfile."""
