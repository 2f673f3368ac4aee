const panels = [...document.querySelectorAll("svg[data-x]")].map(svg => ({
  svg, x: JSON.parse(svg.dataset.x), y: JSON.parse(svg.dataset.y),
  lines: [...svg.querySelectorAll("polyline")].map(line => [...line.points]),
  outputs: [...svg.parentNode.querySelectorAll("output")],
}));
for (const panel of panels) panel.last = panel.outputs.map(output => output.value);

function place(line, x, step) {
  line.setAttribute("transform", "translate(" + (x.start + step / x.high * (x.end - x.start)) + ")");
  line.style.visibility = "visible";
}

function value(y, place) {
  const share = (place - y.start) / (y.end - y.start);
  return y.log ? y.low * (y.high / y.low) ** share : y.low + share * (y.high - y.low);
}

function words(number) {
  return Math.abs(number) >= 1000 ? Math.round(number).toLocaleString("en") : String(+number.toPrecision(3));
}

/* the values of all curves at the step under the pointer */
function read(across) {
  for (const panel of panels) {
    const { x, y } = panel, step = (across - x.start) / (x.end - x.start) * x.high;
    place(panel.svg.querySelector(".cursor"), x, step);
    panel.svg.querySelector(".at").textContent = "step " + Math.round(step).toLocaleString("en");
    panel.lines.forEach((points, i) => {
      const near = points.reduce((a, b) => Math.abs(b.x - across) < Math.abs(a.x - across) ? b : a);
      panel.outputs[i].value = words(value(y, near.y));
    });
  }
}

for (const panel of panels) {
  panel.svg.addEventListener("pointermove", event => {
    const box = panel.svg.getBoundingClientRect(), { start, end } = panel.x;
    const across = (event.clientX - box.left) / box.width * panel.svg.viewBox.baseVal.width;
    read(Math.min(end, Math.max(start, across)));
  });
  panel.svg.addEventListener("pointerleave", () => {
    for (const { svg, outputs, last } of panels) {
      svg.querySelector(".cursor").style.visibility = "hidden";
      svg.querySelector(".at").textContent = "";
      outputs.forEach((output, i) => { output.value = last[i]; });
    }
  });
}
