/**
 * A progress bar on a terminal's stderr, so that stdout stays for results. Where stderr is no terminal (a log, a pipe)
 * nothing is drawn. At most ten redraws a second: a fast run should not wait for the terminal.
 */
import { stderr } from "node:process";

const WIDTH = 28;
const EVERY = 100;

export class ProgressBar {
  #drawn = 0;
  #shown = false;
  readonly #on = stderr.isTTY === true;

  /** `note` stands behind the bar: a loss, a rate. */
  draw(label: string, done: number, total: number, note = ""): void {
    const now = Date.now();
    if (!this.#on || (done < total && now - this.#drawn < EVERY)) return;
    this.#drawn = now;
    this.#shown = true;
    const part = total > 0 ? Math.min(1, done / total) : 0;
    const filled = Math.round(part * WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    const line = `${label} ${bar} ${done.toLocaleString("en")} of ${total.toLocaleString("en")}  ${note}`;
    stderr.write(`\r\x1b[K${line.slice(0, (stderr.columns ?? 80) - 1)}`);
  }

  /** Before anything else is printed. */
  clear(): void {
    if (this.#shown) stderr.write("\r\x1b[K");
    this.#shown = false;
  }
}
