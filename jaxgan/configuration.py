"""A recipe and the program that runs it. A preset is such a pair, and a run folder stores one."""

from dataclasses import dataclass
from typing import Any

from jaxgan.errors import InputError
from jaxgan.names import nearest
from jaxgan.options import changed, choices, leaves
from jaxgan.program.program import Program
from jaxgan.recipes.recipe import Recipe


@dataclass(frozen=True)
class Configuration:
    """What to train, and how to run it."""

    recipe: Recipe
    """A frozen dataclass of options that makes the experiment."""
    program: Program = Program()
    """Steps, batches, devices."""

    def replace(self, **values: Any) -> "Configuration":
        """A copy with other values for some options of the recipe or the program. Options go by their own names,
        without those of their groups.

        A choice is given by its name: `jaxgan.preset("digits").replace(network="mlp", steps=500)`.

        Raises:
            ValueError: if there is no such option, or its value is out of its range.
            TypeError: if a value is of another kind.
        """
        of_program = {name: values.pop(name) for name in list(values) if name in leaves(self.program)}
        program = changed(self.program, **of_program)
        try:
            return Configuration(changed(self.recipe, **values), program)
        except InputError as error:
            name = next((name for name in values if str(error).startswith(f"there is no option {name}")), None)
            if name is None:
                raise
            every = [*leaves(self.recipe), *choices(self.recipe), *leaves(self.program)]
            raise InputError(f"there is no option {name}{nearest(name, every)}") from None
