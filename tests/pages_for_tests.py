"""Run folders as the program leaves them, and pages about them as a browser sees them."""

import base64
import io
import json
import re
from html.parser import HTMLParser

from PIL import Image

from jaxgan.options import to_tree
from jaxgan.recipes.presets import PRESETS

ENVIRONMENT = {"jax": "0.10.2", "device": "cpu"}
LINES = [
    {"step": 2, "images_per_second": 100.0, "loss_generator": 3.0, "loss_discriminator": 1.0, "real_logits": 0.5},
    {"step": 4, "modes": 7, "note": "in passing"},
    {"step": 4, "images_per_second": 43094.2, "loss_generator": 2.0, "loss_discriminator": 1.5, "real_logits": -0.5},
]


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, path):
        super().__init__()
        self.text, self.tags, self.attributes, self.polylines = [], [], [], []
        self.feed(path.read_text())
        self.words = " ".join(" ".join(self.text).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes.append(dict(attributes))
        if tag == "polyline":
            self.polylines.append([tuple(map(float, p.split(","))) for p in dict(attributes)["points"].split()])

    def handle_data(self, data):
        if self.tags[-1:] not in (["style"], ["script"]):
            self.text.append(data)

    def pictures(self):
        return [a["src"] for tag, a in zip(self.tags, self.attributes, strict=True) if tag == "img"]


def make_run(folder, *, lines=LINES, pictures=(0, 4), real=True, name="digits", **fields):
    """A run folder as the program leaves it."""
    (folder / "samples").mkdir(parents=True)
    usual = PRESETS["digits"].config
    program = {**to_tree(usual.program), "steps": 4} | {k: v for k, v in fields.items() if k in to_tree(usual.program)}
    options = to_tree(usual.recipe)
    options["network"] |= {k: v for k, v in fields.items() if k not in program}
    recipe = {"module": "jaxgan.recipes.gan", "kind": "GAN", "options": options}
    data = {"shape": [16, 16, 1], "num_classes": 10}
    record = {"name": name, "recipe": recipe, "program": program, "data": data}
    (folder / "config.json").write_text(json.dumps(record | {"environment": ENVIRONMENT}))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for step in pictures:
        Image.new("L", (8, 8), step % 256).save(folder / "samples" / f"step-{step:06d}.png")
    if real:
        Image.new("L", (8, 8), 200).save(folder / "samples" / "real.png")
    return folder


def history_of(path):
    return json.loads(re.search(r'id="history">(.*?)</script>', path.read_text())[1])


def decoded(source):
    return Image.open(io.BytesIO(base64.b64decode(source.split(",")[1])))
