"""The judge: reads a contract and names every place where an exchange breaks it."""

from acs_chat_testkit.contract.exchange import Exchange, Tier, Violation
from acs_chat_testkit.contract.judge import contract_of, violations
from acs_chat_testkit.contract.reader import DEFAULT_VERSION, Contract, Operation, load, read, versions

__all__ = [
    "DEFAULT_VERSION",
    "Contract",
    "Exchange",
    "Operation",
    "Tier",
    "Violation",
    "contract_of",
    "load",
    "read",
    "versions",
    "violations",
]
