"""`python -m nlsolve demo`: inverse kinematics of a robot arm."""

import argparse
from typing import Any

from nlsolve.cli import words
from nlsolve.cli.answer import INTERRUPTED, NO, YES, Answer

EXAMPLES = """examples:
  nlsolve demo
  nlsolve demo --seed 3 --poses 10 --json"""


def add(add_verb: Any) -> None:
    """Add the verb to the parser."""
    parser = add_verb("demo", "inverse kinematics of a 7-joint robot arm", EXAMPLES)
    parser.add_argument(
        "--seed", type=words.seed_number, default=0, help="of the random poses (%(default)s)"
    )
    parser.add_argument(
        "--poses", type=words.positive_number, default=100, help="how many (%(default)s)"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> Answer:
    """Solve random poses; yes if at least 97 of 100 were."""
    from nlsolve import demo

    campaign = demo.campaign(given.seed, given.poses)
    code = YES if campaign.passed else NO
    if len(campaign.found) < campaign.asked:
        code = INTERRUPTED
    return Answer(code, campaign.document(), str(campaign))
