"""pix2pix (Isola et al., 2017) at a size that two cores train in a minute; its numbers otherwise are the paper's.

jaxgan train examples/pix2pix.py                                    # the edges of bundled digits to digits
jaxgan train examples/pix2pix.py --data pairs:facades --image-size 286 --crop 256 --mirror --direction BtoA \\
    --generator-width 64 --discriminator-width 64 --patch-layers 3 --batch-size 1 --steps 80000
jaxgan translate RUN PICTURES
"""

import jaxgan
from jaxgan.recipes.pix2pix import Pix2Pix
from jaxgan.recipes.translation_sources import EdgesToDigits

recipe = Pix2Pix(data=EdgesToDigits(16), generator_width=16, discriminator_width=16, patch_layers=1)
program = jaxgan.Program(batch_size=32, steps=2000, steps_per_call=10)
