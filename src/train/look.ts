/**
 * Looking at a run and letting it write, between two submits: nothing here changes what is trained. One text or image
 * goes through the network with its taps on; weights come as one read of the whole arena, which costs less than a read
 * for each tile.
 */
import { control } from "../engine/control.ts";
import type { Anatomy } from "../models/types.ts";
import type { Carry, Lens, OpenedPart, RunView } from "../run/messages.ts";
import { BridgeLook } from "./bridge-view.ts";
import type { Core } from "./core.ts";
import { networkGraph } from "./gates-graph.ts";
import { carriedOver, LENS_EVERY, type MeanMaps, throughLens } from "./lens.ts";
import { WRITTEN_LIMIT } from "./programs.ts";
import { type Sight, textWindow, windowOf } from "./sight.ts";
import { areasOf, imageMask } from "./units-view.ts";
import { openedOf, type Seen, tilesOf, weightScale } from "./view.ts";

/** Steps for which the colour scale is held, so that colours mean the same while one looks. */
const SCALE_HELD = 200;
/** Runs of one submit: below the device's ring of control blocks. */
const RUNS = 32;

type Readable = Readonly<Core>;

/** What a look may bring besides, each at its own cost. */
interface Extras {
  readonly lens?: { readonly layer: number | null } | null;
  readonly graph?: boolean;
  readonly bridge?: string | null;
}

/** Keeps what should not flicker from one look to the next. */
export class Looker {
  #scale = { value: 1, step: Number.NEGATIVE_INFINITY, event: -1 };
  readonly #bridge = new BridgeLook();
  /** The last look through the lens. */
  #lens: { readonly step: number; readonly event: number; readonly layer: number | null } | null = null;
  #maps: MeanMaps | null = null;
  #carry: Carry | null = null;

  /** `lens`: what the lens is on; null: it is shut. `graph`: unit by unit, where the network is small enough. */
  async look(
    core: Readable,
    run: string,
    sight: Sight,
    part: string | null,
    { lens = null, graph = false, bridge = null }: Extras = {},
  ): Promise<RunView> {
    const { network, setup, step } = core;
    const { model, shape, backend } = setup;
    const view = await network.view();
    const window = windowOf(core, sight);
    network.window.write(0, window.words);
    view.run(control({}));
    const names = Object.keys(view.program.outputs);
    const reads = names.map((name) => view.read(name));
    const weights = network.arrays.params.read();
    const ages = network.arrays.age?.read() ?? null;
    backend.submit();
    const values = await Promise.all(reads);
    const params = new Float32Array(await weights);
    const taps = new Map<string, { data: Float32Array; shape: readonly number[] }>();
    names.forEach((name, i) => {
      const tensor = view.program.tensors[view.program.outputs[name]!]!;
      taps.set(name.replace(/^tap\./, ""), { data: new Float32Array(values[i]!), shape: tensor.spec.shape });
    });
    const age = ages === null ? null : new Uint32Array(await ages);
    const seen: Seen = { layout: network.layout, params, age, taps };
    const anatomy = model.anatomy(network.arch, shape);
    const scale = weightScale(network.specs, params, anatomy);
    const outgrown = scale > 1.3 * this.#scale.value;
    const old = step - this.#scale.step >= SCALE_HELD || step < this.#scale.step;
    if (old || outgrown || this.#scale.event !== core.event) {
      this.#scale = { value: scale, step, event: core.event };
    }
    return {
      run,
      step,
      tiles: tilesOf(seen, anatomy),
      weightScale: this.#scale.value,
      ...window.tell(taps.get("probabilities")!.data),
      lens: await this.#through(core, lens),
      opened: part === null ? null : openedPart(seen, anatomy, part),
      bridge: await this.#bridge.look(core, bridge),
      areas: areasOf(seen, anatomy, part),
      graph: graph ? networkGraph(seen, anatomy) : null,
    };
  }

  async #through(core: Readable, asked: { readonly layer: number | null } | null): Promise<Lens | null> {
    if (asked === null) {
      this.#lens = this.#maps = this.#carry = null;
      return null;
    }
    const { step, event } = core;
    const last = this.#lens;
    const known = last !== null && last.event === event && last.layer === asked.layer;
    if (known && step >= last.step && step - last.step < LENS_EVERY) return null;
    this.#lens = { step, event, layer: asked.layer };
    const seen = await throughLens(core, asked.layer);
    if (seen === null) return null;
    const { lens, maps } = seen;
    const before = this.#maps;
    // An event that was undone is compared with nothing.
    if (this.#carry !== null && event < this.#carry.event) this.#carry = null;
    if (before !== null && maps !== null && before.event < event && before.step <= step) {
      this.#carry = carriedOver(before, maps, lens.causal);
    }
    this.#maps = maps;
    return { ...lens, carry: this.#carry };
  }
}

/** One part unpooled, and of what reads the image its picture. */
function openedPart(seen: Seen, anatomy: Anatomy, id: string): OpenedPart | null {
  const opened = openedOf(seen, anatomy, id);
  if (opened === null) return null;
  const parts = anatomy.tiers.flatMap(({ left, right }) => [...left, ...right]);
  return { ...opened, image: imageMask(seen, parts.find((part) => part.id === id)!) };
}

/** Lets the network write `length` symbols after the prompt. The draws come from the run's seed and the step. */
export async function write(
  core: Readable,
  prompt: string,
  temperature: number,
  length: number,
): Promise<string> {
  const { network, setup, step } = core;
  const { backend, shape, config, data, model } = setup;
  if (data.kind !== "text") throw new Error("This network tells images apart; it writes no text.");
  const sample = await network.sample();
  const count = Math.max(1, Math.min(WRITTEN_LIMIT, Math.floor(length)));
  let done = 0;
  let text = prompt;
  for (;;) {
    const { words, last } = textWindow(core, data, text);
    network.window.write(0, words);
    // A masked model writes into the places that are left; then it begins anew behind the last half of a window.
    const room = model.masked ? shape.context - 1 - last : count;
    const until = Math.min(count, done + room);
    for (let i = done; i < until; i++) {
      const position = Math.min(last + i - done, shape.context - 1);
      sample.run(control({ position, temperature, written: i, seed0: config.seed, seed1: step }));
      if (i % RUNS === RUNS - 1) backend.submit();
    }
    done = until;
    const written = network.written.read();
    backend.submit();
    const all = data.decode(new Uint32Array(await written).subarray(0, done));
    if (done === count) return all;
    const half = Math.floor(shape.context / 2);
    text = [...(prompt + all)].slice(-half).join("");
  }
}
