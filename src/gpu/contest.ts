/**
 * Which of several kernels that compute the same is the fastest here: in which order they are timed, how often each is repeated
 * in a slice, and what follows from the figures. Whoever holds the device and the clock runs the slices; nothing here does.
 *
 * They take turns, so that a device that gets faster or slower meanwhile (its clock, other programs) does so for all of them.
 * Each figure is the median of its slices. Another one takes the place of the standing one only when it is faster by MARGIN, which
 * is more than a browser's rounding of times (100 µs) makes of a slice: what is about equal stays as it is.
 */

/** What is to be run now: this one so many times over, as one slice. */
export interface Slice {
  readonly id: string;
  readonly times: number;
}

export interface Outcome {
  readonly id: string;
  readonly standing: string;
  /** Seconds of one run over those of the standing one; 1 when that stays. */
  readonly ratio: number;
}

export const MARGIN = 0.05;
/** Slices that count, of each. */
const ROUNDS = 5;
/** What takes so many times as long as the fastest is out before the rounds begin. */
const HOPELESS = 1.5;
/** Repeats of a slice at most: encoding more costs more than it tells. */
const MOST_TIMES = 256;
/** Slices without a figure (a clock that was set back) after which nothing can be said here. */
const MOST_SPOILED = 8;

interface Entrant {
  readonly id: string;
  times: number;
  /** It has run once, which is not counted: a first run is slower. */
  warm: boolean;
  /** Of one run, while its repeats are found. */
  rough: number;
  fits: boolean;
  readonly taken: number[];
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
};

export class Contest {
  readonly #standing: string;
  readonly #slice: number;
  #entrants: Entrant[];
  #at = 0;
  #racing = false;
  #spoiled = 0;

  /** `slice`: seconds that a slice should last. `standing` is one of `ids`. */
  constructor(ids: readonly string[], standing: string, slice: number) {
    this.#standing = standing;
    this.#slice = slice;
    this.#entrants = ids.map((id) => ({ id, times: 1, warm: false, rough: 0, fits: false, taken: [] }));
  }

  /** Null: it is over. */
  get next(): Slice | null {
    const entrant = this.#entrants[this.#at];
    if (entrant === undefined || this.#entrants.length < 2 || this.#spoiled >= MOST_SPOILED) return null;
    return { id: entrant.id, times: entrant.times };
  }

  /** What the slice took that was `next`, in seconds; NaN or 0 where nothing can be said. */
  took(seconds: number): void {
    const entrant = this.#entrants[this.#at]!;
    if (!(seconds > 0)) {
      this.#spoiled++;
      return;
    }
    if (this.#racing) {
      entrant.taken.push(seconds / entrant.times);
      this.#turn();
    } else this.#fit(entrant, seconds);
  }

  get outcome(): Outcome {
    const standing = this.#standing;
    const stays = { id: standing, standing, ratio: 1 };
    const usual = this.#entrants.find(({ id }) => id === standing);
    if (usual === undefined || this.next !== null || this.#spoiled >= MOST_SPOILED) return stays;
    const bar = median(usual.taken);
    let best = usual;
    for (const entrant of this.#entrants) if (median(entrant.taken) < median(best.taken)) best = entrant;
    const ratio = median(best.taken) / bar;
    return ratio <= 1 - MARGIN ? { id: best.id, standing, ratio } : stays;
  }

  /** Repeats are found that fill a slice, each time from what the last ones took. */
  #fit(entrant: Entrant, seconds: number): void {
    entrant.rough = seconds / entrant.times;
    const full = seconds >= this.#slice / 2 || entrant.times >= MOST_TIMES;
    if (!entrant.warm) entrant.warm = true;
    else if (full) {
      entrant.fits = true;
      this.#at++;
    }
    if (!full) {
      // At least twice as many, as less than half of a slice is filled; not too many for a figure that was rounded down.
      const wanted = Math.ceil((entrant.times * this.#slice) / Math.max(seconds, this.#slice / 16));
      entrant.times = Math.min(MOST_TIMES, wanted);
    }
    if (this.#at < this.#entrants.length) return;
    const best = Math.min(...this.#entrants.map(({ rough }) => rough));
    this.#entrants = this.#entrants.filter(
      ({ id, rough }) => id === this.#standing || rough <= HOPELESS * best,
    );
    this.#racing = true;
    this.#at = 0;
  }

  #turn(): void {
    this.#at++;
    if (this.#at === this.#entrants.length && this.#entrants[0]!.taken.length < ROUNDS) this.#at = 0;
  }
}
