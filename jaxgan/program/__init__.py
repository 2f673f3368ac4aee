"""The training program, which runs the steps of any experiment."""
