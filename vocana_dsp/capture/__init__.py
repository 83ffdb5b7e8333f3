"""Capturing: sources, devices, and the object that reads them."""
