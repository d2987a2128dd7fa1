"""The regulations that this site was given, read once."""

from functools import cache

from intake.model.regulations import RuleSet, load


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Every one of them; which are in force is asked of the day."""
    return load()


@cache
def questions() -> frozenset[str]:
    """The codes of everything that a regulation asks staff."""
    return frozenset(code for rules in rule_sets() for code in rules.facts)
