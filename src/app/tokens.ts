/**
 * The one place that turns design tokens into what the page can use: CSS variables for stylesheets and Mantine, and a
 * reader for canvas and charts, which cannot use `var()`. The values themselves live in tokens.json and nowhere else.
 */
import tokens from "./tokens.json";

export { tokens };

export type Scheme = "light" | "dark";
export type RunColour = keyof (typeof tokens)["light"]["run"];

/** Order in which runs and branches take their colours; from the ninth on they repeat with dashes. */
export const RUN_COLOURS = Object.keys(tokens.light.run) as readonly RunColour[];

/** "onLeaf" → "on-leaf" */
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function colourVariables(scheme: Scheme): string[] {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(tokens[scheme])) {
    if (typeof value === "string") lines.push(`--${kebab(name)}: ${value};`);
  }
  for (const [name, value] of Object.entries(tokens[scheme].run)) lines.push(`--run-${name}: ${value};`);
  // The ends of the map, for pictures that are no canvas.
  const { diverging } = tokens[scheme];
  lines.push(`--diverging-below: ${diverging[0]};`, `--diverging-above: ${diverging.at(-1)};`);
  return lines;
}

/** Faces, radii, motion: the same in both schemes. Type sizes are set in app.css, where the projector scales them. */
function plainVariables(): string[] {
  const { font, radius, elevation, motion, size } = tokens;
  return [
    `--sans: ${font.sans};`,
    `--mono: ${font.mono};`,
    `--plate: ${font.plate};`,
    ...Object.entries(radius).map(([name, px]) => `--radius-${name}: ${px}px;`),
    `--elevation-popover: ${elevation.popover};`,
    `--elevation-sheet: ${elevation.sheet};`,
    ...(["quick", "move", "unfold", "fall", "flash"] as const).map((name) => `--${name}: ${motion[name]}ms;`),
    `--ease-out: ${motion.easeOut};`,
    `--ease-in-out: ${motion.easeInOut};`,
    ...Object.entries(size).map(([name, px]) => `--size-${kebab(name)}: ${px}px;`),
  ];
}

/** The stylesheet of all tokens: light on :root, dark where Mantine marks the document dark. */
export function tokenSheet(): string {
  const light = [...plainVariables(), ...colourVariables("light"), "color-scheme: light;"];
  const dark = [...colourVariables("dark"), "color-scheme: dark;"];
  return `:root {\n${light.join("\n")}\n}\n:root[data-mantine-color-scheme="dark"] {\n${dark.join("\n")}\n}\n`;
}

/** Value of a token now, for what draws pixels: `readToken("run-lake")`. */
export function readToken(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
