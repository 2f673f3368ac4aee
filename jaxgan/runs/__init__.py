"""The folder of a run, with functions that write and read its files."""
