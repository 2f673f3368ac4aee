"""Errors that a user's input causes. Each names the argument or file, its value and the allowed values.

The command line shows the message of a `UserError` and exits with status 2. Any other exception is a bug in jaxgan
and keeps its traceback.
"""


class UserError(Exception):
    """Something that the user passed cannot be used."""


class InputError(UserError, ValueError):
    """A value, a file's content or a combination of options is not allowed.

    Examples:
        >>> jaxgan.penalties.r1(gamma=-1.0)
        Traceback (most recent call last):
        jaxgan.errors.InputError: gamma must be at least 0, got -1.0
    """


class InputTypeError(UserError, TypeError):
    """An argument has the wrong type.

    Examples:
        >>> jaxgan.penalties.r1(gamma="1")
        Traceback (most recent call last):
        jaxgan.errors.InputTypeError: gamma must be a number, got '1'
    """


class NotFoundError(UserError, FileNotFoundError):
    """A file, a folder or a run is missing.

    Examples:
        >>> jaxgan.open("no such run")
        Traceback (most recent call last):
        jaxgan.errors.NotFoundError: ...
    """
