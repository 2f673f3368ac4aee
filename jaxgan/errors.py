"""Errors that a user's input causes. Each names the argument or file, its value and the allowed values.

The command line shows the message of a `UserError` and exits with status 2. Any other exception is a bug in jaxgan
and keeps its traceback.
"""


class UserError(Exception):
    """Something that the user passed cannot be used."""


class InputError(UserError, ValueError):
    """A value, a file's content or a combination of options is not allowed."""


class InputTypeError(UserError, TypeError):
    """An argument has the wrong type."""


class NotFoundError(UserError, FileNotFoundError):
    """A file, a folder or a run is missing."""
