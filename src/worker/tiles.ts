/**
 * When kernels are timed, and who hears of it. Between two stretches of training the device may be asked to time what could run
 * otherwise (gpu/tile-timer.ts); of all training time these turns take a twentieth at most, and none once all is timed.
 *
 * Only where a page has given what it kept of earlier timings (`init`): who keeps nothing would time the same each time. Not on a
 * processor, unless it is asked for: there the table of gpu/tuning.ts is of the very adapters there are (SwiftShader), each variant
 * takes it .3 to 1.3 s to compile on the cores that train, and the one left open (long quads) has a rule of its own.
 */
import type { WorkerMessage } from "../run/messages.ts";
import type { OpenBackend } from "./kernels.ts";

/** Of the time since training began here. */
const SHARE = 0.05;

interface Page {
  post(message: WorkerMessage): void;
  /** Seconds. */
  clock(): number;
}

export class TileWatch {
  readonly #page: Page;
  #kept: string | null = null;
  #open: OpenBackend | null = null;
  #on = false;
  #trained = 0;
  #spent = 0;
  /** As it was told. */
  #busy = false;

  constructor(page: Page) {
    this.#page = page;
  }

  /** What the page has kept; undefined: it keeps nothing. */
  keeps(text: string | undefined): void {
    this.#kept = text ?? null;
  }

  /** A device was opened, the first or another one after it was lost. */
  begin(open: OpenBackend): void {
    this.#open = open;
    [this.#on, this.#trained, this.#spent] = [false, 0, 0];
    if (this.#kept === null || open.tiles === undefined) return;
    this.#on = !open.backend.software;
    if (this.#on) open.tiles.begin(this.#kept);
    this.#tell();
  }

  /** A stretch of training took so long, in seconds. */
  async afterStretch(took: number): Promise<void> {
    const tiles = this.#open?.tiles;
    if (!this.#on || tiles === undefined) return;
    this.#trained += took;
    if (tiles.busy !== this.#busy) this.#tell();
    if (this.#spent > SHARE * this.#trained || !this.#busy) return;
    const { chosen, seconds } = await tiles.turn(() => this.#page.clock());
    this.#spent += seconds;
    if (!chosen) return;
    this.#kept = tiles.text();
    this.#tell();
  }

  /** What was timed is forgotten and timed again, on whatever this is. */
  again(): void {
    const tiles = this.#open?.tiles;
    if (tiles === undefined) return;
    if (!this.#on) tiles.begin(this.#kept ?? "");
    this.#on = true;
    this.#spent = 0;
    tiles.forget();
    this.#kept = tiles.text();
    this.#tell();
  }

  #tell(): void {
    const { tiles, backend } = this.#open!;
    this.#busy = this.#on && tiles!.busy;
    const state = {
      on: this.#on,
      usual: backend.tiling?.usual ?? "plain",
      seconds: this.#spent,
      over: !this.#busy,
      choices: tiles!.list(),
    };
    this.#page.post({ type: "tiles", tiles: state, keep: this.#on ? this.#kept : null });
  }
}
