"""Pictures of results: one display a file, with what they share in axes.py."""
