/**
 * What becomes of the curves when a run goes to another node of its history. The line of the run is cut where it was
 * left, and what lay beyond is kept as a branch: dashed while it could still be redone, a branch of its own as soon as
 * another step is taken. Going into a branch swaps it with the present line.
 */

import { cut, firstAfter, joined, lastRow, type Series } from "./series.ts";
import { type Branch, type Clock, cutClock, type Mark, type Session, type Size } from "./session.ts";

/** A line of training from `joinStep` on: what the present line and every branch have in common. */
interface Piece {
  readonly train: Series;
  readonly evals: Series;
  readonly marks: readonly Mark[];
  readonly sizes: readonly Size[];
}

export interface Move {
  readonly from: string;
  readonly to: string;
  readonly toStep: number;
  /** For the branch that the move may leave behind. */
  readonly id: string;
}

export function lineOf(node: string, parents: Session["parents"]): ReadonlySet<string> {
  const line = new Set<string>();
  // A cycle cannot be, but a wrong message must not hang the page.
  for (let at: string | undefined = node; at !== undefined && !line.has(at); at = parents[at]) line.add(at);
  return line;
}

/** Everything of a piece up to a step, and everything beyond it. `line`: the nodes that stay. */
function split(piece: Piece, step: number, line: ReadonlySet<string>): readonly [Piece, Piece] {
  const stays = (mark: Mark): boolean => (mark.node === null ? mark.clock.step <= step : line.has(mark.node));
  const events = new Set(piece.marks.filter((mark) => !stays(mark)).map((mark) => mark.id));
  // A size belongs to the event that made it; its first one belongs to the start of the piece.
  const sizeStays = (size: Size): boolean => size.by === null || !events.has(size.by);
  const train = firstAfter(piece.train, step);
  // Evaluations are made before an event of the same step, so those at the step itself stay.
  const evals = firstAfter(piece.evals, step);
  return [
    {
      train: cut(piece.train, 0, train),
      evals: cut(piece.evals, 0, evals),
      marks: piece.marks.filter(stays),
      sizes: piece.sizes.filter(sizeStays),
    },
    {
      train: cut(piece.train, train, piece.train.length),
      evals: cut(piece.evals, evals, piece.evals.length),
      marks: piece.marks.filter((mark) => !stays(mark)),
      sizes: piece.sizes.filter((size) => !sizeStays(size)),
    },
  ];
}

function asBranch(piece: Piece, id: string, node: string, joinStep: number): Branch | null {
  if (piece.train.length === 0 && piece.marks.length === 0) return null;
  return {
    ...piece,
    id,
    node,
    parent: null,
    label: piece.marks.find((mark) => mark.done !== null)?.done?.method ?? "",
    joinStep,
    endStep: Math.max(
      joinStep,
      lastRow(piece.train)?.step ?? 0,
      ...piece.marks.map((mark) => mark.clock.step),
    ),
    ahead: true,
  };
}

/** A branch goes along with the part of the line that it leaves from. */
function rehung(branch: Branch, cutAt: number, behind: Branch | null, target: Branch | undefined): Branch {
  if (branch.parent === null && behind !== null && branch.joinStep > cutAt)
    return { ...branch, parent: behind.id };
  if (target !== undefined && branch.parent === target.id) return { ...branch, parent: null };
  return branch;
}

function join(first: Piece, second: Piece): Piece {
  return {
    train: joined(first.train, second.train),
    evals: joined(first.evals, second.evals),
    marks: [...first.marks, ...second.marks],
    sizes: [...first.sizes, ...second.sizes],
  };
}

/** The state being left is kept as a node made in that moment: it hangs on the node the line led from. */
function withLeft({ parents, at }: Session, from: string): Session["parents"] {
  return at === null || at === from || parents[from] !== undefined ? parents : { ...parents, [from]: at };
}

/** The session after `history/moved`. Clocks of the line are those it had at that step. */
export function move(session: Session, { from, to, toStep, id }: Move): Session {
  const parents = withLeft(session, from);
  const line = lineOf(to, parents);
  const up = lineOf(from, parents).has(to);
  const target = up
    ? undefined
    : session.branches.find((b) => b.node === to || b.marks.some((mark) => mark.node === to));
  const cutAt = target ? Math.min(target.joinStep, toStep) : toStep;
  const [kept, left] = split(session, cutAt, line);
  const added: Branch[] = [];
  let main: Piece = kept;
  if (target) {
    const [back, rest] = split(target, toStep, line);
    main = join(kept, back);
    const ahead = asBranch(rest, `${id}+`, target.node, toStep);
    if (ahead) added.push(ahead);
  }
  const behind = asBranch(left, id, from, cutAt);
  // Going forward again (redo) leaves nothing behind but the undo itself.
  if (behind) added.push(behind);
  return {
    ...session,
    ...main,
    at: to,
    parents,
    branches: [
      ...session.branches.filter((b) => b !== target).map((b) => rehung(b, cutAt, behind, target)),
      ...added,
    ],
    redo: up ? [...session.redo, from] : session.redo.filter((node) => node !== to),
    clock: clockAt(main, toStep, session.clock),
    gauge: session.gauge && {
      ...session.gauge,
      points: session.gauge.points.filter(({ step }) => step <= toStep),
    },
    drops: session.drops.filter(({ step }) => step <= toStep),
    rate: null,
    rateFrom: null,
    ended: null,
  };
}

function clockAt(piece: Piece, step: number, otherwise: Clock): Clock {
  const row = lastRow(piece.train);
  if (row) return cutClock(row, step);
  return step === 0 ? cutClock({ step: 0, tokens: 0, flops: 0, seconds: 0 }, 0) : { ...otherwise, step };
}

/** A step was taken: what was ahead is now a branch, and there is nothing left to redo. */
export function settle(session: Session): Session {
  if (session.redo.length === 0 && session.branches.every((b) => !b.ahead)) return session;
  return {
    ...session,
    redo: [],
    branches: session.branches.map((b) => (b.ahead ? { ...b, ahead: false } : b)),
  };
}
