/**
 * The recipe as it is being carried out: every entry with its trigger's state, and what is due at which step. When an
 * action lands is a function of the config and the losses alone, never of how late a read-back is: a loss judged at step
 * t acts at t + 8, and training waits if that loss is not there by then.
 *
 * Entries and states are immutable records, so that saving the whole line costs two short array copies.
 */
import type { Answer, TriggerInput } from "../methods/types.ts";
import type { Choice, RecipeEntry } from "../run/config.ts";
import { completed, isAutomatic, isStructural, type Looks, looksAt, triggerOf } from "./entries.ts";
import { answered, asked, growingShort, question, toAsk } from "./goals.ts";
import type { Due, Gauge, LineEntry, LineState, Next } from "./line-state.ts";
import { valuesOf } from "./setup.ts";

export type { Due, Gauge, LineEntry, LineState, Next } from "./line-state.ts";

/** Steps between the loss that a trigger judges and the step boundary at which it acts: more than the ring is deep. */
export const LAG = 8;

export class Line {
  #entries: LineEntry[];
  #due: Due[];
  /** What the triggers have to say of the last evaluation; entries of one rule say it once. */
  readonly told = new Set<string>();

  constructor(state: LineState) {
    this.#entries = [...state.entries];
    this.#due = [...state.due];
  }

  static start(recipe: readonly RecipeEntry[]): Line {
    const entries = recipe.map((entry) => ({
      entry,
      state: triggerOf(entry).start(valuesOf(entry.trigger)),
      refused: "",
      given: true as const,
    }));
    return new Line({ entries, due: [] });
  }

  save(): LineState {
    return { entries: [...this.#entries], due: [...this.#due] };
  }

  get recipe(): readonly RecipeEntry[] {
    return this.#entries.map(({ entry }) => entry);
  }

  /** Some entry looks at losses or evaluations: training may run less than LAG steps ahead of them. */
  get needsLosses(): boolean {
    return this.#entries.some(({ entry, resting }) => !resting && looksAt(entry) !== "budget");
  }

  /** Step boundary `step` is reached. Triggers that look at no loss decide here and act here. */
  arrive(step: number, fraction: number): void {
    this.#observe("budget", { step, loss: Number.NaN, fraction }, 0);
  }

  /** The loss of step `step` is known. Called for every step, in order. Returns the gauges that moved. */
  observeLoss(step: number, loss: number, fraction: number): readonly Gauge[] {
    return this.#observe("loss", { step, loss, fraction }, LAG);
  }

  /** The evaluation at step `step` is known. Called for each of them, in order. Returns the gauges that moved. */
  observeEval(at: TriggerInput): readonly Gauge[] {
    this.told.clear();
    return this.#observe("eval", at, LAG);
  }

  #observe(looks: Looks, at: TriggerInput, lag: number): readonly Gauge[] {
    const gauges: Gauge[] = [];
    // What prunes hears of this evaluation after what grows, wherever it stands in the recipe.
    for (const prunes of [false, true]) {
      const input = prunes ? { ...at, growing: growingShort(this.#entries) } : at;
      for (const [index, line] of this.#entries.entries()) {
        const trigger = triggerOf(line.entry);
        if (line.resting || looksAt(line.entry) !== looks) continue;
        if ((trigger.goal?.role === "prunes") !== prunes) continue;
        const values = valuesOf(line.entry.trigger);
        const before = trigger.gauge?.(line.state, values);
        const { state, fire } = trigger.observe(line.state, input, values);
        this.#entries[index] = { ...line, state };
        const told = looks === "eval" ? trigger.tells?.(line.state, state, values) : null;
        if (told) this.told.add(told);
        const after = trigger.gauge?.(state, values);
        if (after && after.value !== before?.value) gauges.push({ trigger: trigger.id, ...after });
        if (fire === false || this.#due.some((due) => due.index === index && !due.asks)) continue;
        this.#due.push({ index, at: at.step + lag, ...(fire === "back" ? { back: true } : {}) });
      }
    }
    const ask = looks === "eval" ? toAsk(this.#entries) : null;
    if (ask !== null && !this.#due.some(({ asks }) => asks)) {
      this.#due.push({ index: ask.index, at: at.step + lag, asks: ask.short });
    }
    return gauges;
  }

  /** What is to be asked of the person at this boundary: once. Null: nothing. */
  ask(step: number): { readonly index: number; readonly text: string; readonly otherwise: string } | null {
    const due = this.#due.find(({ at, asks }) => at <= step && asks);
    if (due?.asks === undefined) return null;
    this.#due = this.#due.filter((each) => each !== due);
    const { text, otherwise, grows } = question(this.#entries, due.index, due.asks);
    this.#entries[due.index] = asked(this.#entries[due.index]!, text, grows, due.asks.value);
    return { index: due.index, text, otherwise };
  }

  /** A person has answered, and the recipe says so. */
  answer(step: number, of: number, said: Answer): void {
    this.record(step, { id: "answer", of, said });
    this.#entries = [...answered(this.#entries, step, of, said)];
  }

  /**
   * The first action due at this boundary, in the order of the recipe; null when there is none. Each "skip" takes the
   * last automatic action of the boundary away: an undone one comes after those that were kept. `waiting`: structural
   * actions stay due.
   */
  next(step: number, waiting = false): Next | null {
    const here = () =>
      this.#due.filter(({ at, asks }) => at <= step && !asks).sort((a, b) => a.index - b.index);
    const notes = (id: string) =>
      here().flatMap(({ index }) => {
        const { action } = this.#entries[index]!.entry;
        if (action.id !== id) return [];
        this.done(index);
        return [action];
      });
    for (const _ of notes("skip")) {
      const automatic = here().filter(({ index }) => isAutomatic(this.#entries[index]!.entry));
      const last = automatic.at(-1);
      if (last !== undefined) this.done(last.index);
    }
    for (const { of } of notes("rest")) this.#rest(of as number);
    for (const { of, said } of notes("answer")) {
      this.#entries = [...answered(this.#entries, step, of as number, said as Answer)];
    }
    for (const { of, after } of notes("commit")) {
      const due = here().find(({ index }) => index === of);
      if (due === undefined) continue;
      this.#entries[due.index] = { ...this.#entries[due.index]!, commit: after as number };
    }
    const first = here().find(({ index }) => !(waiting && isStructural(this.#entries[index]!.entry)));
    if (first === undefined) return null;
    return { index: first.index, entry: this.#entries[first.index]!.entry, back: first.back ?? false };
  }

  /** Is anything due at this boundary that need not wait? */
  hasDue(step: number, waiting = false): boolean {
    return this.#due.some(
      ({ at, index, asks }) =>
        at <= step && (asks !== undefined || !(waiting && isStructural(this.#entries[index]!.entry))),
    );
  }

  /** Structural actions that may still come: what happens at one step and has happened does not. */
  get coming(): readonly Choice[] {
    return this.#entries.flatMap(({ entry, before, resting }) => {
      const over = before !== undefined && (entry.trigger.id === "step" || entry.trigger.id === "at");
      return over || resting || !isStructural(entry) ? [] : [entry.action];
    });
  }

  entry(index: number): RecipeEntry {
    return this.#entries[index]!.entry;
  }

  /** Who decided on it: the trigger, or "hand" where a person asked for it in this run. */
  by(index: number | null): string {
    const line = index === null ? undefined : this.#entries[index];
    return line?.given ? line.entry.trigger.id : "hand";
  }

  /** Every entry with what became of it. */
  get entries(): readonly LineEntry[] {
    return this.#entries;
  }

  /** The node just before the newest event of an entry. */
  before(index: number): string | null {
    return this.#entries[index]!.before ?? null;
  }

  /** The entry has acted: `before` is the node just before that. */
  acted(index: number, before: string): void {
    const { commit: _, ...line } = this.#entries[index]!;
    this.#entries[index] = { ...line, before };
  }

  /** A person committed the operator of this entry's event after so many of its steps, and the recipe says so. */
  commit(step: number, index: number, after: number): void {
    this.record(step, { id: "commit", of: index, after });
  }

  /** After how many steps the recipe commits the operator of this entry's next event; null: after all. */
  commitAfter(index: number): number | null {
    return this.#entries[index]!.commit ?? null;
  }

  /** From step `step` on the entry acts no more, and the recipe says so. */
  rest(step: number, index: number): void {
    this.record(step, { id: "rest", of: index });
    this.#rest(index);
  }

  #rest(index: number): void {
    const line = this.#entries[index];
    if (line === undefined) return;
    this.#entries[index] = { ...line, resting: true };
    this.done(index);
  }

  done(index: number): void {
    this.#due = this.#due.filter((due) => due.index !== index || due.asks);
  }

  /** Whether this refusal is news (the same sentence at every firing is not), remembering it. */
  refuse(index: number, message: string): boolean {
    const line = this.#entries[index]!;
    this.#entries[index] = { ...line, refused: message };
    return line.refused !== message;
  }

  /** A structural event happened at `step`: trigger counters go, and decisions on older losses with them. */
  reset(step: number): void {
    this.#entries = this.#entries.map((line) => ({
      ...line,
      refused: "",
      state: triggerOf(line.entry).reset(line.state, step),
    }));
    this.#due = this.#due.filter(({ at }) => at <= step);
  }

  /**
   * What a person did at `step`, as an entry that replays it. A setting dragged twice at one step keeps one entry.
   * Returns the entry's index.
   */
  record(step: number, action: Choice): number {
    const entry: RecipeEntry = { trigger: { id: "step", step }, action };
    const line = { entry, state: triggerOf(entry).start({}), refused: "" };
    const same = this.#entries.findIndex(
      ({ entry: { trigger, action: done } }) =>
        trigger.id === "step" && trigger.step === step && done.id === "edit" && done.path === action.path,
    );
    if (action.id === "edit" && same >= 0) {
      this.#entries[same] = line;
      return same;
    }
    return this.#entries.push(line) - 1;
  }

  /** Takes an entry out of the recipe: it did nothing. */
  remove(index: number): void {
    this.#entries.splice(index, 1);
    this.#entries = this.#entries.map((line) => {
      const { trigger, action } = line.entry;
      if (typeof action.of !== "number" || action.of < index) return line;
      return { ...line, entry: { trigger, action: { ...action, of: action.of - 1 } } };
    });
    this.#due = this.#due
      .filter((due) => due.index !== index)
      .map((due) => (due.index > index ? { ...due, index: due.index - 1 } : due));
  }

  /**
   * The action whose window was opened at `opened` is taken back at its closing: the recipe then leaves it out, in words
   * if a rule decided it.
   */
  takeBack(index: number, opened: number): void {
    if (isAutomatic(this.#entries[index]!.entry)) this.record(opened, { id: "skip" });
    else this.remove(index);
  }

  /**
   * The run went back to this boundary: what would be done here by itself is left out from now on, and the recipe says
   * so. An entry for exactly this step leaves the recipe instead. Returns whether anything was due.
   */
  leaveOut(step: number): boolean {
    const here = this.#due.filter(({ at, asks }) => at <= step && !asks);
    if (here.length === 0) return false;
    const automatic = here.filter(({ index }) => isAutomatic(this.#entries[index]!.entry));
    const exact = new Set(here.map(({ index }) => index));
    for (const { index } of automatic) {
      exact.delete(index);
      const { commit: _, ...line } = this.#entries[index]!;
      this.#entries[index] = line;
    }
    this.#due = this.#due.filter(({ index }) => !exact.has(index));
    for (const index of [...exact].sort((a, b) => b - a)) this.remove(index);
    for (const _ of automatic) this.#due.push({ index: this.record(step, { id: "skip" }), at: step });
    return true;
  }

  /** See `completed`: this line has heard the losses that `saved` had not. */
  completed(saved: LineState): LineState {
    return completed(saved, this.save());
  }
}
