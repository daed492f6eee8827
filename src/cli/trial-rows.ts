/**
 * Rows of a trial that outlive the call that measured them: a file of one JSON object a line, appended to as soon as an arm
 * is done. A call that was cut off is gone on with by the same command; calls side by side may share one file. A row counts
 * for an arm when its whole config, the seed included, is the arm's.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { BadInput } from "./command.ts";
import type { Arm, Figures, Row, Scale } from "./trials/types.ts";

/** A row, and where and when it was measured. */
export interface Kept extends Row {
  readonly device: string;
  readonly runtime: string;
  /** 2026-01-31 */
  readonly date: string;
}

interface Line extends Kept {
  readonly trial: string;
  readonly scale: Scale;
  readonly config: unknown;
}

export class RowFile {
  readonly #path: string;
  readonly #about: { readonly trial: string; readonly scale: Scale };
  readonly #lines: readonly Line[];

  constructor(path: string, trial: string, scale: Scale) {
    this.#path = path;
    this.#about = { trial, scale };
    this.#lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").flatMap(lineOf(path)) : [];
  }

  /** The newest row of this arm and seed, as it would be run now. */
  find(arm: Arm, seed: number): Kept | null {
    const config = JSON.stringify({ ...arm.config, seed });
    const { trial, scale } = this.#about;
    const found = this.#lines.findLast(
      (line) =>
        line.trial === trial &&
        line.scale === scale &&
        line.arm === arm.id &&
        line.seed === seed &&
        JSON.stringify(line.config) === config,
    );
    if (found === undefined) return null;
    const { figures, curve, device, runtime, date } = found;
    return { arm: arm.id, seed, figures, ...(curve ? { curve } : {}), device, runtime, date };
  }

  keep(kept: Kept, arm: Arm): void {
    const line: Line = { ...this.#about, ...kept, config: { ...arm.config, seed: kept.seed } };
    // A line that was cut off has no end.
    appendFileSync(this.#path, `\n${JSON.stringify(line)}\n`);
  }
}

/** A line that was cut off in the middle is nobody's row; anything else that is no row is refused. */
const lineOf =
  (path: string) =>
  (text: string, at: number): readonly Line[] => {
    if (text.trim() === "") return [];
    try {
      const line = JSON.parse(text) as Line;
      if (isFigures(line.figures) && typeof line.device === "string") return [line];
    } catch {
      if (text.startsWith('{"trial"')) return [];
    }
    throw new BadInput(`Line ${at + 1} of ${path} is no row of a trial: name another file.`);
  };

const isFigures = (value: unknown): value is Figures =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((figure) => figure === null || typeof figure === "number");
