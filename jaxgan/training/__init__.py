"""The training program: configuration, presets, the loop, checkpoints, pictures. No mathematics."""
