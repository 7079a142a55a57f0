"""Where property tests take the values from that they try besides random ones."""

from hypothesis.internal.conjecture import providers


def only_common_ones() -> None:
    """Not those in our sources as well: each process that runs tests would parse all 800 modules
    for them. There is no setting for it; with --slow they are tried.
    """
    providers._get_local_constants = lambda: providers._local_constants
