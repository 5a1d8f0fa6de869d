"""Tests of how things are shown."""
