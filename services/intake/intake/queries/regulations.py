"""The regulations that this site was given, read once."""

from functools import cache

from intake.model.regulations import RuleSet, load
from intake.model.sentences import OUR_QUESTIONS, RISK_DECLINED


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Every one of them; which are in force is asked of the day."""
    return load()


@cache
def questions() -> dict[str, str]:
    """Everything that staff are asked for the regulations, by its code."""
    asked = {code: text for rules in rule_sets() for code, text in rules.facts.items()}
    return {code: text for code, text in (asked | OUR_QUESTIONS).items() if code != RISK_DECLINED}
