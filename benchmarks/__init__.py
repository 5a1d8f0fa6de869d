"""How does nlsolve compare, measured? Run from the checkout: ``python -m benchmarks NAME``.

Every figure is a ratio of two sides measured in one run, or a count; README.md says how to read
them, RESULTS.md holds a run.
"""

BENCHMARKS = {
    "robustness": "problems solved, evaluations and false successes, beside scipy's methods",
    "small": "time of solve() on small systems, against scipy's fastest wide method",
    "many": "time of solve_many on 100,000 poses of an arm, beside scipy and optimistix",
    "crossover": "the size at which scipy's linear algebra overtakes the compiled loop",
    "dense": "a Gauss-Newton step on a large dense J, beside syrk and Cholesky; and peers",
    "sparse": "roots of sparse systems, beside the bare factorisation and scipy with lsmr",
    "free": "a solve of a million unknowns by products with J, beside the bare products",
    "growth": "how time grows with equations and unknowns, with fitted exponents and a figure",
    "startup": "time of `import nlsolve` and of the first solve in a fresh process",
    "certify": "cost of an estimated certificate, in Gauss-Newton steps; of a proof, in seconds",
    "promises": "is any claim violated, on random systems with exactly known constants",
    "networks": "a Gauss-Newton step on a wide network, beside its bare matrix products and JAX",
    "digits": "ten thousand equations of a network with ten outputs, without a matrix of that size",
    "training": "a wide network to |r| = 1e-6: Gauss-Newton, gradient descent, SGD and Adam",
    "proofs": "is anything proved that is false, of random formulas over random boxes and balls",
    "distributed": "a step on four Dask workers, beside the same blocks in one process",
    "kill": "is the root reached when a worker is killed at a random step",
    "widths": "the width from which training is proved to converge; are proofs violated",
    "paper": "the paper's claims over the full ranges: slopes, rates, widths",
}
