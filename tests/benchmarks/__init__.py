"""Benchmarks: jupyter_lambda and its peers, side by side on one machine.

``python -m tests.benchmarks`` reads like this: ``runner`` starts one fresh process for every
system and round, in turn; ``measurement`` is what that process does; ``cases`` says what is
measured and ``systems`` how each system does it; ``load`` keeps account of what the rest of the
machine was doing meanwhile; ``summary`` and ``report`` turn the samples into medians, ratios and
bars. Absolute times belong to the machine; compare ratios.
"""
