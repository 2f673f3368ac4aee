"""`python -m jaxgan`, the same as `jaxgan`."""

import sys

from jaxgan.cli import main

sys.exit(main())
