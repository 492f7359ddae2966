"""What is wrong with a script or a plug-in, in one sentence with the mend."""

from __future__ import annotations


class NukeProblem(Exception):  # noqa: N818 - what the artist sees is no error of Nuke's
    """Something that stops a submit, and what to do about it.

    Attributes:
        message: what is wrong, with what.
        hint: what to do.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message, self.hint = message, hint
