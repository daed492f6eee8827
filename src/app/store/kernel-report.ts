/** All that the kernel page knows, as Markdown: what a visitor pastes into an issue. */
import type { DeviceFacts, DevicePeaks, KernelOp, TilesState } from "../../run/kernels.ts";
import { bytes, rough, whole } from "../format.ts";
import { bytesText, flopsText, percent, type Results, shortTime, speedOf } from "./kernel-figures.ts";
import { tilesText } from "./tiles.ts";

export interface Reported {
  readonly name: string;
  readonly software: boolean;
  readonly features: readonly string[];
  readonly facts: DeviceFacts | null;
  readonly browser: string;
  readonly peaks: DevicePeaks | null;
  readonly ops: readonly KernelOp[];
  readonly results: Results;
  /** Files whose text is not the published one. */
  readonly edited: readonly string[];
  readonly tiles: TilesState | null;
  readonly memory: { readonly held: number; readonly planned: number } | null;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replace(/\s+/g, " ");

export const byWhat = (by: DevicePeaks["by"]): string =>
  by === "timestamps" ? "by the GPU's own timestamps" : "by the clock";

const exchanged = ({ choices }: TilesState): string =>
  choices
    .filter(({ id, standing }) => id !== standing)
    .map(
      ({ kernel, id, standing, ratio }) =>
        ` ${kernel}: ${id} for ${standing}, ${percent(ratio)} of its time.`,
    )
    .join("");

export function reportText(given: Reported): string {
  const { name, software, features, facts, browser, peaks, ops, results, edited, memory, tiles } = given;
  const known = [facts?.vendor, facts?.architecture, facts?.description].filter(Boolean).join(", ");
  const all = ops.flatMap((op) =>
    op.samples.map((sample, i) => ({ op, sample, i, result: results[op.name]?.[i] })),
  );
  const checked = all.filter(({ result }) => result !== undefined);
  const wrong = checked.filter(({ result }) => result!.off !== null);
  const lines = [
    "### Espalier: kernels on this device",
    "",
    `- Adapter: ${name}${software ? ", on the processor" : ""}${known === "" ? "" : ` (${known})`}`,
    `- Browser: ${browser}`,
    `- Features: ${features.length === 0 ? "none" : [...features].sort().join(", ")}`,
    peaks === null
      ? "- Peaks: not measured"
      : `- Peaks: ${flopsText(peaks.flops)}, ${bytesText(peaks.bytes)}, ${byWhat(peaks.by)}`,
    ...(memory === null
      ? []
      : [`- Memory of the run: ${bytes(memory.held)}, planned ${bytes(memory.planned)}`]),
    ...(tiles === null ? [] : [`- Tiles: ${tilesText(tiles, software)}${exchanged(tiles)}`]),
    `- Samples: ${whole(checked.length - wrong.length)} passed, ${whole(wrong.length)} failed, ` +
      `${whole(all.length - checked.length)} not checked`,
    ...(edited.length === 0 ? [] : [`- Edited: ${edited.map((file) => `${file}.wgsl`).join(", ")}`]),
    "",
    ...wrong.map(({ op, i, result }) => `- **${op.name} #${i}**: ${cell(result!.off!)}`),
    ...(wrong.length === 0 ? [] : [""]),
    "| op | sample | max error | tolerance | | time | speed | of the peak |",
    "|---|---|---|---|---|---|---|---|",
    ...checked.map(({ op, sample, i, result }) => {
      const { error, tolerance, off, time } = result!;
      const speed = time === null ? null : speedOf(time, peaks);
      const cells = [
        op.name,
        `#${i} ${sample.inputs}`,
        error === null ? "" : rough(error),
        rough(tolerance),
        off === null ? "passed" : "failed",
        time === null ? "" : shortTime(time.seconds),
        speed?.text ?? "",
        speed?.share == null ? "" : percent(speed.share),
      ];
      return `| ${cells.map(cell).join(" | ")} |`;
    }),
    "",
    "<details><summary>Limits</summary>",
    "",
    ...Object.entries(facts?.limits ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([limit, value]) => `- ${limit}: ${value}`),
    "",
    "</details>",
  ];
  return `${lines.join("\n")}\n`;
}
