import { describe, expect, it } from "vitest";
import { parseFigure } from "./figure-svg.ts";

const svg = (inside: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 8">\n${inside}\n</svg>\n`;

describe("a picture of a methods page", () => {
  it("becomes its shapes, its title and what can be seen on it", () => {
    const source = svg(
      '<title>a &lt; b</title><desc>c</desc><g transform="translate(1 2)"><path class="above" stroke-opacity=".5" d="M0 0h1"/></g>',
    );
    expect(parseFigure(source)).toEqual({
      ...{ width: 36, height: 8, title: "a < b", desc: "c" },
      shapes: [
        {
          tag: "g",
          attributes: { transform: "translate(1 2)" },
          children: [
            {
              tag: "path",
              attributes: { className: "above", strokeOpacity: ".5", d: "M0 0h1" },
              children: [],
            },
          ],
        },
      ],
    });
  });

  it.each([
    ["a script", "<script>alert(1)</script>"],
    ["a style", "<style>a{b:url(c)}</style>"],
    ["something foreign", '<foreignObject><rect x="1"/></foreignObject>'],
    ["a link", '<a href="javascript:alert(1)"><text>x</text></a>'],
    ["a picture within", '<image href="https://example.org/a.png"/>'],
  ])("leaves out %s with all inside it", (_, inside) => {
    expect(parseFigure(svg(`${inside}<rect x="1"/>`))!.shapes).toEqual([
      { tag: "rect", attributes: { x: "1" }, children: [] },
    ]);
  });

  it("takes no attribute that is not a shape's", () => {
    const { shapes } = parseFigure(svg('<rect onload="alert(1)" style="x" href="y" x="2"/>'))!;
    expect(shapes).toEqual([{ tag: "rect", attributes: { x: "2" }, children: [] }]);
  });

  it.each([
    "<!DOCTYPE svg>",
    "",
    "<svg>",
    "plain text",
    svg("<g>"),
    svg("</g>"),
    svg("<rect x=1 />"),
    "<p>no</p>",
  ])("is none: %s", (source) => {
    expect(parseFigure(source)).toBeNull();
  });
});
