"""Buffers that are made once and used again."""
