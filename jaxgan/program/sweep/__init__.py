"""Seeds and settings of one configuration, trained as one population: `jaxgan sweep`."""
