"""Dataclasses of options: their checks, their choices, their names."""
