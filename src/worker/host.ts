/**
 * One trainer, hosted: commands in, messages out. The same in a browser's worker, in Node and in Deno, which differ only
 * in where GPU, files and turns of the event loop come from.
 *
 * Everything happens in one line: a command, a stretch of training, a look at the network, each after the other. So a
 * command never meets a half-encoded step, and looking costs training what it takes and nothing more. Long because that
 * line is one argument: what may wait for what, and what happens when any of it fails.
 */
import type { LoadedData, ReadFile } from "../data/types.ts";
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import type { GivenData, RunCommand, RunState, WorkerMessage } from "../run/messages.ts";
import { whole } from "../train/core.ts";
import { beginningWith } from "../train/given-weights.ts";
import { Looker } from "../train/look.ts";
import { report } from "../train/report.ts";
import { readHeader } from "../train/snapshot.ts";
import { Trainer, type TrainerDeps } from "../train/trainer.ts";
import { FitPost, refusalOf } from "./fit-watch.ts";
import { Keeping } from "./keeping.ts";
import { KernelBench, type OpenBackend } from "./kernels.ts";
import { Looks } from "./looks.ts";
import { Outbox } from "./outbox.ts";
import { answered, sampled } from "./questions.ts";
import { atRest, CHANGES } from "./rest.ts";
import { runData } from "./run-data.ts";
import { spoken } from "./spoken.ts";
import { TileWatch } from "./tiles.ts";
import { TryHost } from "./tries.ts";

export interface HostDeps {
  post(message: WorkerMessage, transfer: ArrayBuffer[]): void;
  /** Throws one sentence when this place has no GPU to offer. */
  open(shaders: Readonly<Record<string, string>>): Promise<OpenBackend>;
  /** Reads the prepared data behind `dataUrl`. */
  files(dataUrl: string): ReadFile;
  /** Seconds. */
  clock(): number;
  /** Lets the event loop take in what has arrived. */
  turn(): Promise<void>;
}

/** A stretch of training between two turns of the event loop, in seconds: how late a Pause may be heard. */
const STRETCH = 0.05;
/** A run and what is needed to start it again on another device. */
interface Hosted {
  readonly run: string;
  readonly config: RunConfig;
  readonly data: LoadedData;
  trainer: Trainer;
  kept: ArrayBuffer | null;
  looker: Looker;
}

export class Host {
  readonly #deps: HostDeps;
  readonly #inbox: RunCommand[] = [];
  #wake: (() => void) | null = null;
  #shaders: Readonly<Record<string, string>> = {};
  #read: ReadFile = () => Promise.reject(new Error("Nothing is known of where the data lies."));
  #open: OpenBackend | null = null;
  #lost: string | null = null;
  #hosted: Hosted | null = null;
  #running = false;
  /** Steps asked for one by one. */
  #counted = 0;
  #stretch = 1;
  readonly #bench: KernelBench;
  readonly #fits: FitPost;
  readonly #tries: TryHost;
  readonly #keeping: Keeping;
  readonly #out: Outbox;
  readonly #looks: Looks;
  readonly #tiles: TileWatch;

  constructor(deps: HostDeps) {
    this.#deps = deps;
    this.#out = new Outbox(deps, () => this.#report());
    const page = { post: (message: WorkerMessage) => this.#out.post(message), clock: deps.clock };
    [this.#bench, this.#tries, this.#looks] = [new KernelBench(page), new TryHost(page), new Looks(page)];
    this.#keeping = new Keeping(deps.clock);
    this.#tiles = new TileWatch(page);
    this.#fits = new FitPost(deps, {
      inbox: this.#inbox,
      next: () => new Promise((resolve) => (this.#wake = resolve)),
      lost: () => this.#lost !== null,
      answer: (command) => this.#do(command),
      tell: () => this.#out.state(),
      rest: () => this.#rest(),
    });
    void this.#live();
  }

  receive(command: RunCommand): void {
    // Said past the line, in which nothing is heard while an operator is trained.
    if (command.type === "commit") this.#hosted?.trainer.core.commitOperator();
    this.#fits.heard(command);
    this.#inbox.push(command);
    this.#wake?.();
  }

  // ------------------------------------------------------------------------------------------------------- the line

  async #live(): Promise<never> {
    for (;;) {
      // A paused run asks its device nothing, and would hear of the loss only when it is wanted again.
      if (this.#lost !== null && this.#hosted !== null) await this.#recover(undefined);
      const command = this.#inbox.shift();
      try {
        if (command !== undefined) await this.#do(command);
        else if (this.#bench.busy) await this.#check();
        else if (this.#busy) await this.#train();
        else if (this.#tries.busy) await this.#tries.turn().then(this.#deps.turn);
        else await this.#sleep();
      } catch (error) {
        await this.#caught(error, command);
      }
    }
  }

  #rest(): void {
    this.#running = false;
    this.#counted = 0;
  }

  get #busy(): boolean {
    return this.#hosted !== null && (this.#running || this.#counted > 0);
  }

  async #sleep(): Promise<void> {
    this.#out.flush();
    if (this.#inbox.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  async #train(): Promise<void> {
    const hosted = this.#hosted!;
    const { trainer } = hosted;
    const began = this.#deps.clock();
    const most = this.#counted > 0 ? Math.min(this.#counted, this.#stretch) : this.#stretch;
    // An operator's training that is held and given up leaves the run at rest.
    const done = await trainer.advance(most, () => this.#running || this.#counted > 0);
    if (this.#counted > 0) this.#counted -= done;
    const took = this.#deps.clock() - began;
    if (done > 0) {
      const fits = took > 0 ? Math.floor((done * STRETCH) / took) : 2 * done;
      this.#stretch = Math.max(1, Math.min(2 * this.#stretch, fits, 1024));
    }
    const over = trainer.phase !== "ready" || trainer.core.asking || (!this.#running && this.#counted === 0);
    if (over) {
      this.#rest();
      await atRest(trainer);
    }
    await this.#looks.ifDue(hosted, over);
    this.#out.afterStretch(over);
    if (this.#keeping.due && trainer.phase === "ready") await this.#keep();
    await this.#tiles.afterStretch(took);
    await this.#deps.turn();
  }

  /** One kernel; a run waits. A kernel that someone is writing may cost the device: the run is kept as it stands. */
  async #check(): Promise<void> {
    if (this.#hosted !== null) {
      await this.#hosted.trainer.settled();
      const { trainer, kept } = this.#hosted;
      const from = kept === null ? 0 : readHeader(kept).position.spent.steps;
      if (trainer.phase === "ready" && from !== trainer.step) await this.#keep();
    }
    await this.#bench.next();
    await this.#deps.turn();
    if (this.#lost !== null) throw new Error(this.#lost);
  }

  async #keep(): Promise<void> {
    const hosted = this.#hosted!;
    hosted.kept = await this.#keeping.copy(hosted.trainer);
  }

  #report(): RunState | null {
    if (this.#hosted === null) return null;
    const { trainer, run } = this.#hosted;
    const phase = this.#fits.held ? "held" : this.#running || this.#counted > 0 ? "running" : "paused";
    return report(trainer.core, run, phase);
  }

  #depsOf(run: string, data: LoadedData): TrainerDeps {
    return {
      data,
      backend: this.#open!.backend,
      run,
      clock: this.#deps.clock,
      turn: this.#deps.turn,
      fitWatch: this.#fits.of(run),
      emit: (event) => {
        this.#out.add([event]);
        if (CHANGES.has(event.type)) this.#keeping.changed = true;
        // The page shows that it is growing while the new kernels are prepared.
        if (event.type === "structure/begun") this.#out.state();
      },
      onProgress: (label, done, total) =>
        this.#out.progress(
          this.#hosted?.trainer.phase === "growing" ? "grow" : "kernels",
          label,
          done,
          total,
        ),
    };
  }

  // ------------------------------------------------------------------------------------------------------- commands

  async #do(command: RunCommand): Promise<void> {
    switch (command.type) {
      case "init":
        this.#shaders = command.shaders;
        this.#read = this.#deps.files(command.dataUrl);
        this.#tiles.keeps(command.tiles);
        return this.#openDevice();
      case "start":
        return this.#start(command.run, command.config, command);
      case "open":
        return this.#openSaved(command);
      case "shaders":
        return this.#swap(command.shaders);
      case "kernels":
        return this.#bench.start(command, this.#device, this.#shaders);
      case "kernels-stop":
        return this.#bench.stop();
      case "time-tiles":
        return this.#tiles.again();
      case "look":
        // Kept also before there is a run: whoever never looks pays for no look at the start.
        if (this.#hosted === null || this.#hosted.run === command.run) {
          const { type: _, run: __, ...look } = command;
          this.#looks.ask(look);
        }
        break;
      default:
        break;
    }
    const hosted = this.#hosted;
    if (hosted === null || command.run !== hosted.run) return;
    const { trainer } = hosted;
    switch (command.type) {
      case "resume":
        this.#tries.hold("pause");
        if (trainer.phase === "ready") this.#running = true;
        return this.#out.state();
      case "pause":
      case "stop":
        this.#rest();
        if (command.type === "stop") await trainer.stop();
        return this.#settle();
      case "step":
        if (trainer.phase === "ready") this.#counted += Math.max(0, Math.floor(command.count) || 0);
        return this.#out.state();
      case "act":
        trainer.act(command.action, this.#busy);
        return this.#busy ? undefined : this.#atBoundary();
      case "commit":
      case "watch":
        return;
      case "preview":
      case "scan":
      case "blocks-off":
      case "step-times": {
        const tell = (done: number, total: number) => this.#out.progress("scan", command.type, done, total);
        return this.#out.post(await answered(command, trainer, tell));
      }
      case "try":
        this.#rest();
        await this.#tries.start(hosted.run, trainer, command.asked, { ...hosted, ...this.#device });
        return this.#settle();
      case "try-hold":
        return this.#tries.hold(command.what);
      case "try-save": {
        const bytes = this.#tries.saved(command.arm);
        return this.#out.post({ type: "saved", run: hosted.run, request: command.request, bytes }, [bytes]);
      }
      case "edit":
        trainer.edit(command.path, command.value);
        return this.#busy ? undefined : this.#atBoundary();
      case "goto":
        await trainer.goto(command.node, command.bytes);
        return this.#settle();
      case "take-back":
        await trainer.takeBack(command.node);
        return this.#settle();
      case "answer":
        trainer.core.answer(command.of, command.said);
        return this.#out.state();
      case "extend":
        trainer.extend(command.steps);
        this.#keeping.changed = true;
        return this.#out.state();
      case "sample":
        await sampled(command, trainer);
        return this.#out.flush();
      case "look":
        return this.#looks.now(hosted);
      case "save": {
        const { node } = command;
        const bytes = node === undefined ? await trainer.snapshot() : await trainer.saveNode(node);
        // Whoever keeps it keeps what the page has drawn with it.
        this.#out.flush();
        return this.#out.post({ type: "saved", run: hosted.run, request: command.request, bytes }, [bytes]);
      }
      default:
        return command satisfies never;
    }
  }

  get #device(): OpenBackend {
    if (this.#open === null) throw new Error("There is no GPU to do that on.");
    return this.#open;
  }

  /** Other shaders, in the run too; when one of them does not compile all stay as they were. */
  async #swap(shaders: Readonly<Record<string, string>>): Promise<void> {
    const open = this.#device;
    const before = this.#shaders;
    const names = [...new Set([...Object.keys(before), ...Object.keys(shaders)])];
    const changed = names.filter((name) => before[name] !== shaders[name]);
    const trainer = this.#hosted?.trainer;
    open.setShaders(shaders);
    try {
      await open.apart(async () => trainer?.reload());
    } catch (error) {
      open.setShaders(before);
      throw error;
    }
    this.#shaders = shaders;
    this.#out.post({ type: "shaders", changed });
    if (this.#hosted !== null) await this.#looks.now(this.#hosted);
  }

  /** What was asked for while paused happens now: a paused run stands at a step boundary. */
  async #atBoundary(): Promise<void> {
    await this.#hosted!.trainer.advance(0);
    return this.#settle();
  }

  async #settle(): Promise<void> {
    const { trainer } = this.#hosted!;
    await (this.#busy ? trainer.settled() : atRest(trainer));
    this.#out.state();
    if (trainer.phase !== "diverged") await this.#looks.now(this.#hosted!);
    if (this.#keeping.changed && trainer.phase === "ready") await this.#keep();
  }

  async #openDevice(): Promise<void> {
    const open = await this.#deps.open(this.#shaders);
    this.#open = open;
    this.#lost = null;
    const { backend } = open;
    void backend.lost.then((reason) => {
      if (this.#open?.backend !== backend) return;
      this.#lost = reason;
      this.#wake?.();
    });
    const { name: device, software, features } = backend;
    this.#out.post({ type: "ready", device, software, features: [...features] });
    this.#tiles.begin(open);
  }

  #data(config: RunConfig, given: GivenData): Promise<LoadedData> {
    const tell = (done: number, total: number) => this.#out.progress("data", config.data.id, done, total);
    return runData(config, given, this.#read, tell);
  }

  /** The run on the page makes room only when the new one stands: a refused start leaves it as it is. */
  async #start(run: string, given: RunConfig, own: GivenData): Promise<void> {
    const checked = checkConfig(given);
    if (!checked.ok) throw new Error(`This run cannot start: ${checked.message}.`);
    const { config } = checked;
    const data = await this.#data(config, own);
    const trainer = await Trainer.create({ ...this.#depsOf(run, data), config });
    await this.#host({ run, config, data, trainer, kept: null, looker: new Looker() });
  }

  async #openSaved(command: Extract<RunCommand, { readonly type: "open" }>): Promise<void> {
    const { run, begin } = command;
    const data = await this.#data((begin ?? readHeader(command.bytes)).config, command);
    const bytes = begin ? beginningWith(command.bytes, begin.name, begin.config, data) : command.bytes;
    const { config } = readHeader(bytes);
    const trainer = await Trainer.restore(bytes, this.#depsOf(run, data));
    // The past comes after "run/started", under the name that the run has here.
    this.#out.add(trainer.past.map((event) => ({ ...event, run })));
    await this.#host({ run, config, data, trainer, kept: bytes, looker: new Looker() });
  }

  async #host(hosted: Hosted): Promise<void> {
    this.#tries.forget();
    this.#hosted?.trainer.dispose();
    this.#hosted = hosted;
    this.#rest();
    this.#stretch = 1;
    this.#looks.begin();
    this.#keeping.begin();
    this.#out.state();
    await this.#looks.now(hosted);
  }

  async #caught(error: unknown, command: RunCommand | undefined): Promise<void> {
    const message = spoken(error);
    // A lost device is told to every read-back before its own promise resolves.
    for (let i = 0; i < 10 && this.#lost === null; i++) await this.#deps.turn();
    if (this.#lost !== null) return this.#recover(command);
    if (command?.type === "init") return this.#out.post({ type: "no-device", reason: message });
    if (command !== undefined) {
      const run = "run" in command ? command.run : (this.#hosted?.run ?? "");
      this.#out.post(refusalOf(command, run, message));
      if (this.#hosted !== null) this.#out.state();
      return;
    }
    this.#rest();
    this.#hosted?.trainer.fail(message);
    this.#out.state();
  }

  /**
   * Another device, the last copy kept, and on: what was done since is done again, by a run that was paused before it
   * hears anything else, so that it stands where it stood.
   */
  async #recover(command: RunCommand | undefined): Promise<void> {
    this.#bench.stop();
    this.#tries.end("The GPU was taken away. Started again, it comes to the same curves.");
    const hosted = this.#hosted;
    const run = hosted?.run ?? "";
    const step = hosted?.trainer.step ?? 0;
    const from = hosted?.kept ? readHeader(hosted.kept).position.spent.steps : 0;
    const tell = (message: string, restored: boolean) =>
      this.#out.post({ type: "device-lost", run, message, restored });
    this.#out.flush();
    tell(`The GPU was taken away. Restarting from step ${whole(from)}.`, false);
    try {
      await this.#openDevice();
      if (hosted === null) return;
      const deps = { ...this.#depsOf(run, hosted.data), firstSeq: hosted.trainer.core.journal.seq };
      hosted.trainer = hosted.kept
        ? await Trainer.restore(hosted.kept, deps)
        : await Trainer.create({ ...deps, config: hosted.config });
      hosted.looker = new Looker();
      const on = this.#busy;
      while (!on && hosted.trainer.phase === "ready" && hosted.trainer.step < step) {
        await hosted.trainer.advance(Math.min(this.#stretch, step - hosted.trainer.step));
      }
      await hosted.trainer.settled();
      this.#out.state();
      const back = on ? "Running again." : "The GPU is back.";
      tell(`${back} ${whole(Math.max(0, step - from))} steps were repeated.`, true);
      if (!on) await this.#looks.now(hosted);
      // What was being done when the device went is asked for once more.
      if (command !== undefined && command.type !== "init") this.#inbox.unshift(command);
    } catch {
      this.#hosted = null;
      this.#rest();
      tell("The GPU did not come back. Your run is kept in this browser.", false);
    }
  }
}
