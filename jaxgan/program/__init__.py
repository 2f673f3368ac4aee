"""The training program: it takes the steps of any experiment."""
