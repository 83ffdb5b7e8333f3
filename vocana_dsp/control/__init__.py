"""Control: states, pacing, retries, breakers and watchdogs, off the audio thread."""
