# An escape of a character beyond the basic ones may come one byte too late to fit.
s/if \(n >= size - at\) json->failed = true;/if (n > size - at) json->failed = true;/
