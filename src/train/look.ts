/**
 * Looking at a run and letting it write, between two submits: nothing here changes what is trained. One window of text
 * goes through the network with its taps on; weights come as one read of the whole arena, which costs less than a read
 * for each tile.
 */
import { control } from "../engine/control.ts";
import type { RunView } from "../run/messages.ts";
import type { Core } from "./core.ts";
import { WRITTEN_LIMIT } from "./programs.ts";
import { openedOf, type Seen, tilesOf, weightScale } from "./view.ts";

/** Steps for which the colour scale is held, so that colours mean the same while one looks. */
const SCALE_HELD = 200;
/** Symbols in the list of what comes next. */
const NEXT = 5;
/** Runs of one submit: below the device's ring of control blocks. */
const RUNS = 32;

type Readable = Readonly<Core>;

/** The last `room` tokens of a text; one token at least, since a network must read something. */
function tail(core: Readable, text: string, room: number): Uint32Array {
  const { data } = core.setup;
  const tokens = data.encode(text);
  const some = tokens.length > 0 ? tokens : data.encode(data.excerpt.slice(0, 1));
  return some.slice(Math.max(0, some.length - room));
}

/** The window as the network reads it, and the place of its last token. What follows is 0 and read by nobody before. */
function windowOf(core: Readable, text: string): { window: Uint32Array; last: number; tokens: Uint32Array } {
  const { shape, model } = core.setup;
  const window = new Uint32Array(shape.context);
  const first = model.bos ? 1 : 0;
  const tokens = tail(core, text, shape.context - first);
  if (model.bos) window[0] = shape.vocab;
  window.set(tokens, first);
  return { window, last: first + tokens.length - 1, tokens };
}

/** Keeps what should not flicker from one look to the next. */
export class Looker {
  #scale = { value: 1, step: Number.NEGATIVE_INFINITY, event: -1 };

  async look(core: Readable, run: string, text: string, part: string | null): Promise<RunView> {
    const { network, setup, step } = core;
    const { model, shape, data, backend } = setup;
    const view = await network.view();
    const { window, last, tokens } = windowOf(core, text === "" ? data.excerpt : text);
    network.window.write(0, window);
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
    const row = taps.get("probabilities")!.data.subarray(last * shape.vocab, (last + 1) * shape.vocab);
    const first = last + 1 - tokens.length;
    return {
      run,
      step,
      tiles: tilesOf(seen, anatomy),
      weightScale: this.#scale.value,
      // A place a column of the tiles: [BOS] has no symbol, unused places are empty.
      text: Array.from(window, (token, i) =>
        i < first || i > last ? "" : (data.symbols[token & 0x7fffffff] ?? ""),
      ),
      next: likeliest(row, data.symbols),
      opened: part === null ? null : openedOf(seen, anatomy, part),
    };
  }
}

function likeliest(probabilities: Float32Array, symbols: readonly string[]): RunView["next"] {
  return [...probabilities]
    .map((probability, i) => ({ symbol: symbols[i] ?? "", probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, NEXT);
}

/** Lets the network write `length` symbols after the prompt. The draws come from the run's seed and the step. */
export async function write(
  core: Readable,
  prompt: string,
  temperature: number,
  length: number,
): Promise<string> {
  const { network, setup, step } = core;
  const { backend, shape, config, data } = setup;
  const sample = await network.sample();
  const { window, last } = windowOf(core, prompt);
  const count = Math.max(1, Math.min(WRITTEN_LIMIT, Math.floor(length)));
  network.window.write(0, window);
  for (let i = 0; i < count; i++) {
    const position = Math.min(last + i, shape.context - 1);
    sample.run(control({ position, temperature, written: i, seed0: config.seed, seed1: step }));
    if (i % RUNS === RUNS - 1) backend.submit();
  }
  const written = network.written.read();
  backend.submit();
  return data.decode(new Uint32Array(await written).subarray(0, count));
}
