"""Prompts: a question to a person goes into the trace, and so does the answer."""

from collections.abc import Callable
from dataclasses import dataclass

from drivers.roles import Identity, Operator


@dataclass(frozen=True, slots=True)
class TracedOperator:
    """An operator whose prompts and answers are told; everything else is the operator's own."""

    operator: Operator
    prompted: Callable[[str], None]
    answered: Callable[[str], None]

    async def identify(self) -> Identity:
        """Ask who it is."""
        return await self.operator.identify()

    async def make_safe(self) -> None:
        """Stop asking."""
        await self.operator.make_safe()

    async def self_check(self) -> None:
        """Ask whether it is well."""
        await self.operator.self_check()

    async def answer(self, prompt: str) -> str:
        """Tell the prompt, wait for the answer, tell it."""
        self.prompted(prompt)
        answer = await self.operator.answer(prompt)
        self.answered(answer)
        return answer
