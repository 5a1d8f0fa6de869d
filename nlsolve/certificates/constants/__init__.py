"""Where do the numbers come from? Each is a Bound: with its side, region, evidence and source."""
