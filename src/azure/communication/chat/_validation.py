"""What Model.validate reports."""

from __future__ import annotations


class ValidationError(ValueError):
    """A rule that a model breaks; `Model.validate` returns these, it does not raise them.

    Attributes:
        rule: The name of the rule, such as ``required``.
        target: Class and attribute, such as ``ChatThreadInfo.topic``.
    """

    def __init__(self, rule: str, target: str) -> None:
        super().__init__(rule, target)
        self.rule = rule
        self.target = target

    def __str__(self) -> str:
        return f"Parameter {self.target!r} can not be None."
