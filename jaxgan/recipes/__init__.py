"""Recipes: options, and the experiments that they describe."""
