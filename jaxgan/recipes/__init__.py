"""What can be trained: options, and the experiments that they describe."""
