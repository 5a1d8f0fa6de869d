"""Is there no solution in a region? Intervals say so of its parts, which are halved until they do.

`region` is where, `defined` and `narrowing` the values of formulas and what they leave of a box,
`relaxation` and `part` combinations of equations that cannot vanish, `subdivision` the search.
"""
