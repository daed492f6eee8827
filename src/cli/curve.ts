/**
 * The curve that `npm run reproduce` prints: which yardsticks of its data set a run has beaten, as Markdown, line by line
 * while it trains. Pure, so that it can be tested without a device.
 */
import type { Dataset } from "../data/types.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";

type Yardstick = Dataset["yardsticks"][number];
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
}

/** Yardsticks are in bits a character, losses in nats. */
export const bitsOf = (nats: number): number => nats / Math.LN2;
export const natsOf = (bits: number): number => bits * Math.LN2;

const whole = (n: number): string => n.toLocaleString("en");

export class Curve {
  readonly #yardsticks: readonly Yardstick[];
  readonly #first = new Map<Yardstick, Point>();
  #best: Point | null = null;

  /** From the easiest to the hardest: bigram first, 5-gram last. */
  constructor(yardsticks: readonly Yardstick[]) {
    this.#yardsticks = yardsticks;
  }

  /** Notes a validation. Returns its row: step, tokens, seconds, nats, bits, and which yardsticks it is under. */
  add(point: Point): string {
    const bits = bitsOf(point.nats);
    const under = this.#yardsticks.filter((yardstick) => bits < yardstick.bits);
    for (const yardstick of under) if (!this.#first.has(yardstick)) this.#first.set(yardstick, point);
    if (point.nats < (this.#best?.nats ?? Number.POSITIVE_INFINITY)) this.#best = point;
    const cells = [
      whole(point.step),
      whole(point.tokens),
      point.seconds.toFixed(1),
      point.nats.toFixed(4),
      bits.toFixed(3),
      under.map(({ label }) => label).join(", ") || "none",
    ];
    return `| ${cells.join(" | ")} |`;
  }

  /** The easiest one was beaten: the model learns at all. */
  get learned(): boolean {
    const [easiest] = this.#yardsticks;
    return easiest !== undefined && this.#first.has(easiest);
  }

  /** The hardest one was beaten: nothing is left to aim at. */
  get complete(): boolean {
    const hardest = this.#yardsticks.at(-1);
    return hardest !== undefined && this.#first.has(hardest);
  }

  /** One plain sentence a yardstick. */
  verdict(): readonly string[] {
    if (this.#yardsticks.length === 0) return ["This data set has no yardsticks: nothing was beaten."];
    const best = this.#best;
    return this.#yardsticks.map((yardstick) => {
      const name = `${yardstick.label} (${yardstick.bits} bits, ${natsOf(yardstick.bits).toFixed(4)} nats)`;
      const first = this.#first.get(yardstick);
      if (first !== undefined) {
        return `- ${name}: **beaten**, first at step ${whole(first.step)} with ${bitsOf(first.nats).toFixed(3)} bits.`;
      }
      const missing =
        best === null
          ? "nothing was validated"
          : `${(bitsOf(best.nats) - yardstick.bits).toFixed(3)} bits were missing at step ${whole(best.step)}, the best`;
      return `- ${name}: **not beaten**; ${missing}.`;
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
    fact("batch", `${config.batch} windows of ${config.context} characters`),
    fact("budget", `${whole(config.budget.amount)} ${config.budget.unit}`),
    "",
    ...validation(config),
    "",
    "| step | tokens | seconds | validation, nats | bits a character | under |",
    "|---:|---:|---:|---:|---:|---|",
  ];
}

function validation({ eval: { batches }, batch, context }: RunConfig): readonly string[] {
  return [
    `Validation is the mean over the same ${whole(batches * batch * context)} characters of the validation part each time, evenly`,
    "spaced over it; the network knows nothing of what stands before a window. Seconds are those of training.",
  ];
}
