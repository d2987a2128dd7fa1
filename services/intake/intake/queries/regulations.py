"""The regulations that this site was given, read once."""

from functools import cache

from contracts.vocabulary import Right

from intake.model.regulations import HOLY_DAY, RuleSet, load
from intake.model.sentences import OUR_QUESTIONS, RISK_DECLINED


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Every one of them; which are in force is asked of the day."""
    return load()


@cache
def by_religion() -> frozenset[Right]:
    """The rights whose day may be the holy day of the person's own religion."""
    rules = (rule for rules in rule_sets() for rule in rules.rules)
    return frozenset(right for rule in rules if rule.award and rule.award.every == HOLY_DAY for right in rule.rights)


@cache
def questions() -> dict[str, str]:
    """Everything that staff are asked for the regulations, by its code."""
    asked = {code: text for rules in rule_sets() for code, text in rules.facts.items()}
    return {code: text for code, text in (asked | OUR_QUESTIONS).items() if code != RISK_DECLINED}
