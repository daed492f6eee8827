/**
 * The curve that `npm run reproduce` prints: which yardsticks of its data set a run has beaten, as Markdown, line by line
 * while it trains. Pure, so that it can be tested without a device.
 */
import type { Dataset, ImageDataset, ImageYardstick, TextYardstick } from "../data/types.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";

type Yardstick = TextYardstick | ImageYardstick;
type Started = Extract<RunEvent, { readonly type: "run/started" }>;

/** What a table of losses needs to be believed. */
export interface Provenance {
  readonly preset: string;
  readonly command: string;
  readonly runtime: string;
  /** 2026-01-31 */
  readonly date: string;
}

export interface Point {
  readonly step: number;
  readonly tokens: number;
  readonly seconds: number;
  /** Validation loss. */
  readonly nats: number;
  /** Share of the validation images told right. */
  readonly accuracy?: number;
}

/** As a table has it: "92.35 %". */
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** How much of a point is still missing to a yardstick, in its unit; below 0: it is beaten. */
function missing(yardstick: Yardstick, { nats, accuracy = 0 }: Point): number {
  return "bits" in yardstick ? bitsOf(nats) - yardstick.bits : yardstick.accuracy - accuracy;
}

/** Yardsticks are in bits a character, losses in nats. */
export const bitsOf = (nats: number): number => nats / Math.LN2;
export const natsOf = (bits: number): number => bits * Math.LN2;

const whole = (n: number): string => n.toLocaleString("en");

export class Curve {
  readonly #yardsticks: readonly Yardstick[];
  readonly #first = new Map<Yardstick, Point>();
  #best: Point | null = null;
  #tested: number | null = null;

  /** From the easiest to the hardest: bigram first, 5-gram last. */
  constructor(yardsticks: readonly Yardstick[]) {
    this.#yardsticks = yardsticks;
  }

  /** Notes a validation. Returns its row: step, tokens, seconds, nats, bits, and which yardsticks it is under. */
  add(point: Point): string {
    const bits = bitsOf(point.nats);
    const under = this.#yardsticks.filter((yardstick) => missing(yardstick, point) < 0);
    for (const yardstick of under) if (!this.#first.has(yardstick)) this.#first.set(yardstick, point);
    if (point.nats < (this.#best?.nats ?? Number.POSITIVE_INFINITY)) this.#best = point;
    const cells = [
      whole(point.step),
      whole(point.tokens),
      point.seconds.toFixed(1),
      point.nats.toFixed(4),
      point.accuracy === undefined ? bits.toFixed(3) : percent(point.accuracy),
      under.map(({ label }) => label).join(", ") || "none",
    ];
    return `| ${cells.join(" | ")} |`;
  }

  /** Share of the test images told right, once the run is over: what yardsticks of images are shares of, too. */
  tested(accuracy: number): void {
    this.#tested = accuracy;
  }

  /** The easiest one was beaten: the model learns at all. */
  get learned(): boolean {
    const [easiest] = this.#yardsticks;
    if (easiest === undefined) return false;
    if ("accuracy" in easiest && this.#tested !== null) return this.#tested > easiest.accuracy;
    return this.#first.has(easiest);
  }

  /** The hardest n-gram was beaten: nothing is left to aim at. What images are judged by is a beginning, not an aim. */
  get complete(): boolean {
    const hardest = this.#yardsticks.at(-1);
    return hardest !== undefined && "bits" in hardest && this.#first.has(hardest);
  }

  /** One plain sentence a yardstick. */
  verdict(): readonly string[] {
    if (this.#yardsticks.length === 0) return ["This data set has no yardsticks: nothing was beaten."];
    const best = this.#best;
    return this.#yardsticks.map((yardstick) => {
      const text = "bits" in yardstick;
      const level = text
        ? `${yardstick.bits} bits, ${natsOf(yardstick.bits).toFixed(4)} nats`
        : `${percent(yardstick.accuracy)} right`;
      const score = (point: Point) =>
        text ? `${bitsOf(point.nats).toFixed(3)} bits` : `${percent(point.accuracy ?? 0)} right`;
      const name = `${yardstick.label} (${level})`;
      if (!text && this.#tested !== null) {
        const beaten = this.#tested > yardstick.accuracy ? "**beaten**" : "**not beaten**";
        return `- ${name}: ${beaten} on the test images, with ${percent(this.#tested)}.`;
      }
      const first = this.#first.get(yardstick);
      if (first !== undefined) {
        return `- ${name}: **beaten**, first at step ${whole(first.step)} with ${score(first)}.`;
      }
      const far = (point: Point) => {
        const gap = missing(yardstick, point);
        return text ? `${gap.toFixed(3)} bits` : percent(gap);
      };
      const rest =
        best === null
          ? "nothing was validated"
          : `${far(best)} were missing at step ${whole(best.step)}, the best`;
      return `- ${name}: **not beaten**; ${rest}.`;
    });
  }
}

/** Everything above the first row. */
export function head(from: Provenance, started: Started, data: Dataset): readonly string[] {
  const { config, device, params } = started;
  const fact = (name: string, value: string) => `| ${name} | ${value} |`;
  return [
    `# ${from.preset} on ${data.label}, reproduced`,
    "",
    `Printed by \`${from.command}\`.`,
    "",
    "| | |",
    "|---|---|",
    fact("preset", `\`${from.preset}\``),
    fact("seed", String(config.seed)),
    fact("adapter", device),
    fact("runtime", from.runtime),
    fact("date", from.date),
    fact("network", `${config.model.id}, ${whole(params)} weights at the start`),
    fact("optimizer", `${config.optim.id}, learning rate ${config.optim.lr}`),
    fact(
      "batch",
      data.kind === "images"
        ? `${config.batch} images`
        : `${config.batch} windows of ${config.context} characters`,
    ),
    fact("budget", `${whole(config.budget.amount)} ${config.budget.unit}`),
    "",
    ...(data.kind === "images" ? imageValidation(config, data) : validation(config)),
    "",
    data.kind === "images"
      ? "| step | images | seconds | validation, nats | right | over |"
      : "| step | tokens | seconds | validation, nats | bits a character | under |",
    "|---:|---:|---:|---:|---:|---|",
  ];
}

function validation({ eval: { batches }, batch, context }: RunConfig): readonly string[] {
  return [
    `Validation is the mean over the same ${whole(batches * batch * context)} characters of the validation part each time, evenly`,
    "spaced over it; the network knows nothing of what stands before a window. Seconds are those of training.",
  ];
}

function imageValidation({ eval: { batches }, batch, data: { images } }: RunConfig, data: ImageDataset) {
  const train = typeof images === "number" ? images : data.counts.train;
  return [
    `Drawn from ${whole(train)} training images, each once before any comes again. Validation is over the same`,
    `${whole(Math.min(batches * batch, data.counts.validation))} of ${whole(data.counts.validation)} images each time, evenly spaced. Seconds are those of training.`,
  ];
}
