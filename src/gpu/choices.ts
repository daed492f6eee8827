/**
 * What was timed on this adapter and which kernel won, by kernel and class of shape (engine/variants.ts): once here, then for good.
 * It is kept as one text, which a page puts where it likes and hands back when it is opened again; the text has the choices of
 * several adapters, as a computer may have two. Nothing follows from a choice but speed, so whatever is not understood in a
 * text is left out without a word.
 */
import type { Outcome } from "./contest.ts";

/** Of the form of the text. Another number: nothing in it is understood. */
const FORM = 1;
/** Adapters and choices of each that are kept: the newest. */
const MOST_ADAPTERS = 8;
const MOST_CHOICES = 512;
/** A text beyond this is none of ours. */
const MOST_CHARACTERS = 1_000_000;

type Kept = readonly [key: string, id: string, standing: string, ratio: number];
type Adapters = ReadonlyMap<string, readonly Kept[]>;

export class Choices {
  readonly #adapter: string;
  readonly #others: Adapters;
  readonly #known: Map<string, Outcome>;

  /** `adapter`: all that tells one from another, and which browser drives it. `text`: as it was kept. */
  constructor(adapter: string, text = "") {
    this.#adapter = adapter;
    const all = read(text);
    this.#others = new Map([...all].filter(([name]) => name !== adapter));
    this.#known = new Map(
      (all.get(adapter) ?? []).map(([key, id, standing, ratio]) => [key, { id, standing, ratio }]),
    );
  }

  get(key: string): Outcome | null {
    return this.#known.get(key) ?? null;
  }

  set(key: string, outcome: Outcome): void {
    // The newest is last.
    this.#known.delete(key);
    this.#known.set(key, outcome);
  }

  /** Of this adapter; the others' stay. */
  forget(): void {
    this.#known.clear();
  }

  get all(): ReadonlyMap<string, Outcome> {
    return this.#known;
  }

  text(): string {
    const mine: Kept[] = [...this.#known].map(([key, { id, standing, ratio }]) => [
      key,
      id,
      standing,
      Number(ratio.toPrecision(4)),
    ]);
    const adapters = [...this.#others, [this.#adapter, mine] as const].slice(-MOST_ADAPTERS);
    const cut = adapters.map(([name, kept]) => [name, kept.slice(-MOST_CHOICES)]);
    return JSON.stringify({ form: FORM, adapters: cut });
  }
}

function read(text: string): Adapters {
  if (text.length > MOST_CHARACTERS) return new Map();
  try {
    const { form, adapters } = JSON.parse(text) as { form?: unknown; adapters?: unknown };
    if (form !== FORM || !Array.isArray(adapters)) return new Map();
    return new Map(adapters.filter(isAdapter).map(([name, kept]) => [name, kept.filter(isKept)]));
  } catch {
    return new Map();
  }
}

const isAdapter = (value: unknown): value is [string, unknown[]] =>
  Array.isArray(value) && typeof value[0] === "string" && Array.isArray(value[1]);

function isKept(value: unknown): value is Kept {
  if (!Array.isArray(value)) return false;
  const [key, id, standing, ratio] = value as unknown[];
  const named = typeof key === "string" && typeof id === "string" && typeof standing === "string";
  return named && typeof ratio === "number" && ratio > 0 && ratio <= 1;
}
