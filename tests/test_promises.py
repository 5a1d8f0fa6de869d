"""Was any claim of a certificate ever violated, and are claims made wherever they must be?

Two thousand systems with exactly known constants, runs in plain numpy (tests/promised.py), and
the inequalities themselves (tests/owed.py). Bounds are attained here, so that a constant, a radius
or a rate that is wrong by a billionth would be found; `python -m benchmarks promises` looks
further.
"""

import numpy as np
import pytest

from benchmarks import promises
from tests import campaign, promised, trajectories
from tests.campaign import DIRECT
from tests.promised import Ledger
from tests.zoo import known_constants as zoo
from tests.zoo.known_constants import known_systems

SYSTEMS, SEED = 2_000, 31
OURS = ("existence", "gauss-newton", "gd", "sgd", "conditioning")
SAMPLED = (
    "existence-delta", "right-inverse", "liu-zhu-belkin-gd", "liu-zhu-belkin-sgd",
    "liu-zhu-belkin-kernel",
)  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return campaign.run(known_systems(SYSTEMS, SEED))


@pytest.fixture(scope="module")
def sampled() -> Ledger:
    found = Ledger()
    trajectories.examine(found, count=28, runs=250, seed=SEED)
    return found


def kept(ledger: Ledger) -> list[promised.Breach]:
    """Return the promises not kept, without the verdicts."""
    return [breach for breach in ledger.breaches if not is_verdict(breach)]


def is_verdict(breach: promised.Breach) -> bool:
    return breach.what.startswith(("holds", "does not hold"))


def test_no_claim_is_violated(ledger):
    assert kept(ledger) == []


def test_theorems_hold_where_they_must_and_nowhere_else(ledger):
    assert [breach for breach in ledger.breaches if is_verdict(breach)] == []


@pytest.mark.parametrize("theorem", OURS)
def test_ours_were_asked_of_every_system(ledger, theorem):
    asked = dict.fromkeys((theorem, theorem + DIRECT, theorem + " (A F)"), 0)
    for (name, _, _), count in ledger.verdicts.items():
        asked[name] = asked.get(name, 0) + count
    assert asked[theorem + DIRECT] == SYSTEMS
    assert asked[theorem] + asked[theorem + " (A F)"] >= SYSTEMS // 6
    if theorem == "gauss-newton":
        assert asked[theorem] == asked[theorem + " (A F)"] == SYSTEMS


@pytest.mark.parametrize("theorem", [*OURS, *SAMPLED])
def test_theorems_had_to_hold_often(ledger, theorem):
    must = sum(ledger.verdicts[theorem + end, True, True] for end in ("", DIRECT, " (A F)"))
    free = sum(ledger.verdicts[theorem + end, None, holds] for end in ("", DIRECT)
               for holds in (True, False))  # fmt: skip
    assert must >= (SYSTEMS // 5 if theorem in OURS else 25)
    if theorem in ("existence", "gauss-newton", "gd", "conditioning"):
        assert free <= SYSTEMS // 10
        assert ledger.verdicts[theorem + DIRECT, False, False] >= SYSTEMS // 20


ATTAINED = {
    "existence": ("solution within", "no solution nearer", "unique within", "lambda_min K"),
    "gauss-newton": ("radius", "envelope", "rate", "PL ratio", "solution within"),
    "gd": ("PL ratio", "rate", "no solution nearer", "lambda_min K"),
    "sgd": ("expected loss, step 1", "no solution nearer", "lambda_min K"),
    "conditioning": ("lambda_min K", "no solution nearer"),
}


@pytest.mark.parametrize(("theorem", "what"), [(t, what) for t in OURS for what in ATTAINED[t]])
def test_bounds_are_attained(ledger, theorem, what):
    """So that a bound moved by a millionth to the wrong side would be found."""
    assert ledger.closest[theorem + DIRECT, what] > 1.0 - 1e-5


@pytest.mark.parametrize(
    ("theorem", "what", "share"),
    [
        ("gauss-newton", "steps_to", 0.9), ("gd", "radius", 0.6), ("gd", "envelope", 0.9),
        ("gd", "steps_to", 0.4), ("gd", "solution within", 0.99),
        ("existence-delta", "solution within", 0.99), ("right-inverse", "solution within", 0.99),
        ("liu-zhu-belkin-kernel", "lambda_min K", 0.99), ("liu-zhu-belkin-gd", "radius", 0.3),
        ("liu-zhu-belkin-gd", "envelope", 0.8),
    ],
)  # fmt: skip
def test_other_bounds_are_approached(ledger, theorem, what, share):
    assert ledger.closest[theorem, what] > share


def test_ours_hold_wherever_those_of_the_paper_do(ledger):
    for method in campaign.COMPARED:
        label = f"{method} beside liu-zhu-belkin"
        assert ledger.verdicts[label, True, True] >= SYSTEMS // 10
        assert ledger.verdicts[label, True, False] == 0
        assert ledger.closest[label, "radius" if method == "gd" else "delta"] < 1.0


def test_ours_certify_start_residuals_ten_times_larger():
    ours, theirs = (promises.largest_start(t) for t in ("gd", "liu-zhu-belkin-gd"))
    assert ours == pytest.approx(0.5, rel=1e-5)  # 2 h < 1 with beta = sigma0 = 1
    t = np.linspace(1e-3, 1.0, 100_000)[:-1]
    exact = np.max(t * (1.0 - t) ** 2 / (2.0 * (5.0 + t)))  # R mu / (2 L_F), R = t
    assert 0.98 * exact < theirs <= exact
    assert ours >= 10.0 * theirs


# ---- at the edge --------------------------------------------------------------------------------

EDGES = [0.5 * (1.0 + part) for part in (-1e-7, -1e-8, -6e-9, 1e-12, 1e-9, 1e-8)]


@pytest.mark.parametrize("h", EDGES)
@pytest.mark.parametrize("family", [zoo.worst_case, zoo.separable, zoo.quadratic])
def test_edge_of_the_hypotheses(family, h):
    ledger = Ledger()
    for index, (n, m) in enumerate([(1, 1), (1, 5), (3, 3), (4, 9), (10, 30)]):
        known = family(np.random.default_rng([9, index]), n, m, 3.0 if n > 1 else 1.0, h)
        case = campaign.Case(known, ledger, index)
        case.uniqueness()
        case.newton("existence", False)
        case.newton("gauss-newton", False)
        case.descent("gd", through=True)
    assert ledger.breaches == []
    for theorem in ("existence", "gauss-newton", "gd"):
        for name in (theorem, theorem + DIRECT):
            assert ledger.verdicts[name, h < 0.5, h < 0.5] == 5


@pytest.mark.parametrize("theorem", ["existence", "gauss-newton", "conditioning"])
def test_a_constant_too_small_by_a_thousandth_is_found_out(theorem):
    """The check itself: with beta wrong there are breaches."""
    ledger = Ledger()
    for index, h in enumerate(np.linspace(0.05, 0.49, 10)):
        known = zoo.worst_case(np.random.default_rng([10, index]), 3, 6, 2.0, float(h))
        wrong = known._replace(lipschitz=lambda centre, R, beta=known.lipschitz: 0.999 * beta(0, R))
        case = campaign.Case(wrong, ledger, index)
        if theorem == "conditioning":
            case.conditioning(theorem, through=False)
        else:
            case.newton(theorem)
    assert len(kept(ledger)) >= 10


# ---- SGD ----------------------------------------------------------------------------------------


def test_sgd_leaves_no_more_often_and_its_mean_loss_is_no_larger_than_promised(sampled):
    assert sampled.breaches == []


def test_sgd_was_tried_with_probabilities_far_from_0(sampled):
    assert sampled.held("sgd") == sampled.held("sgd (smallest ball)") == 28
    assert sampled.held("liu-zhu-belkin-sgd") >= 7
    assert sampled.counts["sgd", "late"] >= 50
    assert sampled.closest["sgd", "mean loss"] > 0.7
    assert sampled.closest["sgd (smallest ball)", "mean loss"] > 0.8
    assert sampled.closest["sgd (smallest ball)", "farthest"] > 0.3


def test_deltas_are_those_aimed_at():
    for known, batch, delta in trajectories.systems(10, SEED):
        claim = campaign.by_theorem(campaign.Facts(known), "sgd", batch=batch)
        assert claim.probability == pytest.approx(delta, rel=1e-6)
