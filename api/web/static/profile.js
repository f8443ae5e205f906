// The colours below their names follow what is typed.
const SVG = "http://www.w3.org/2000/svg";
for (const drawn of document.querySelectorAll("[data-swatches]")) {
  const field = drawn.parentElement.querySelector("textarea");
  field?.addEventListener("input", () => {
    const colours = field.value.split("\n").map((line) => line.trim()).filter((line) => /^#[0-9a-f]{6}$/i.test(line));
    drawn.setAttribute("viewBox", `0 0 ${colours.length * 20} 14`);
    drawn.replaceChildren(
      ...colours.map((colour, index) => {
        const rect = document.createElementNS(SVG, "rect");
        for (const [name, value] of Object.entries({ x: index * 20, width: 20.5, height: 14, fill: colour }))
          rect.setAttribute(name, value);
        return rect;
      }),
    );
  });
}
