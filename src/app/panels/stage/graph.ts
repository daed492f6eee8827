/**
 * A small network as units and edges: where each unit stands, which edges there are, and what has come and gone since the
 * last look, in rank order. Pure arithmetic; GraphView draws it.
 */
import { type Anatomy, type GraphLayer, LIFE, type Part } from "../../../run/messages.ts";

/** Units of a row that can be told from one another: as the trainer sends them. */
const MOST_UNITS = 64;
/** Edges drawn: beyond them the weakest are left out, and the caption says so. */
export const MOST_EDGES = 4000;
/** Milliseconds between two edges that light up one after the other, and for all of them at most. */
const APART = 20;
const AT_MOST = 1600;

/** Units of one gate, and the kinds of sources that they share: x and h. */
const MOST_GATED = 32;

const extent = (part: Part, axis: number): number => {
  const [from, to] = part.slice.at(axis) ?? [0, 0];
  return to - from;
};

/** One layer of few cells, whatever is inside its gates. */
function gated({ tiers }: Anatomy): boolean {
  const parts = tiers.flatMap(({ left }) => left);
  const reading = parts.flatMap((part) => (part.kind === "weight" && !part.perStrip ? [part] : []));
  const cells = new Map<string, number>();
  for (const part of parts) {
    if (part.kind !== "weight" || part.strips.length === 0) return false;
    const key = `${part.path} ${part.post}`;
    cells.set(key, (cells.get(key) ?? 0) + extent(part, -2));
  }
  return (
    new Set(reading.map(({ path }) => path)).size === 2 &&
    [...cells.values()].every((n) => n <= MOST_GATED) &&
    reading.every((part) => extent(part, -1) <= MOST_UNITS)
  );
}

/** Whether this network may be small enough: a stack of layers with few units each, or one layer of few cells. */
export function graphable(anatomy: Anatomy): boolean {
  const { tiers } = anatomy;
  if (tiers.some(({ left }) => left.some(({ strips }) => strips.length > 0))) return gated(anatomy);
  return (
    tiers.length > 0 &&
    tiers.every(({ left }) => {
      const part = left[0];
      if (left.length !== 1 || part?.kind !== "weight" || part.strips.length > 0) return false;
      const [units, sources] = [part.slice[0], part.slice[1]].map(
        (range) => (range?.[1] ?? 0) - (range?.[0] ?? 0),
      );
      if (part.rows[0] !== 0 || part.cols[0] !== 1 || units! > MOST_UNITS) return false;
      return part.reads !== undefined || sources! <= MOST_UNITS;
    })
  );
}

export interface Edge {
  readonly layer: number;
  readonly unit: number;
  readonly source: number;
  readonly weight: number;
  /** As Tile.life. */
  readonly life: number;
}

/** All connections in use, the strongest first. */
export function edgesOf(layers: readonly GraphLayer[]): readonly Edge[] {
  const edges: Edge[] = [];
  layers.forEach(({ weights, life, sources }, layer) => {
    weights.forEach((weight, at) => {
      const alive = life?.[at] ?? LIFE.settled;
      if (alive === LIFE.dormant) return;
      edges.push({ layer, unit: Math.floor(at / sources), source: at % sources, weight, life: alive });
    });
  });
  return edges.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}

export const keyOf = ({ layer, unit, source }: Edge): string => `${layer} ${unit} ${source}`;

/** Edge → milliseconds after the look at which it lights up: newborn ones the strongest first, cut ones the weakest first. */
export interface Change {
  readonly born: ReadonlyMap<string, number>;
  readonly died: readonly { readonly edge: Edge; readonly at: number }[];
  readonly ends: number;
}

const NOTHING: Change = { born: new Map(), died: [], ends: 0 };

/**
 * Whether unit 3 of one look is unit 3 of the next: the same rows, none shorter. A unit that is born stands last in its row;
 * in a row of gates it stands among others, and what goes leaves the rest renumbered: then nothing is told.
 */
export function comparable(before: readonly GraphLayer[], now: readonly GraphLayer[]): boolean {
  return (
    before.length === now.length &&
    before.every((was, i) => {
      const is = now[i]!;
      if (was.tier !== is.tier || was.pixelsAcross !== is.pixelsAcross) return false;
      if (was.gates !== undefined || was.from !== undefined || was.pixelsAcross !== null)
        if (was.sources !== is.sources || (was.gates !== undefined && was.units !== is.units)) return false;
      return is.units >= was.units && is.sources >= was.sources;
    })
  );
}

/** The edges that are drawn: newborn ones always, then the strongest. As ever the strongest first. */
export function shownOf(edges: readonly Edge[], newborn: (edge: Edge) => boolean): readonly Edge[] {
  if (edges.length <= MOST_EDGES) return edges;
  const fresh = edges.filter(newborn).slice(0, MOST_EDGES);
  const rest = edges.filter((edge) => !newborn(edge)).slice(0, MOST_EDGES - fresh.length);
  return [...fresh, ...rest];
}

/** Units that were born with all they read, as "layer unit". */
export function newbornUnits(edges: readonly Edge[], newborn: (edge: Edge) => boolean): ReadonlySet<string> {
  const fresh = new Set<string>();
  const old = new Set<string>();
  for (const edge of edges) (newborn(edge) ? fresh : old).add(`${edge.layer} ${edge.unit}`);
  return new Set([...fresh].filter((key) => !old.has(key)));
}

/** What two looks differ in. `before` null, or a network of another build: nothing is told. */
export function changeOf(before: readonly Edge[] | null, now: readonly Edge[], reduced: boolean): Change {
  if (before === null || before.length === 0) return NOTHING;
  const had = new Set(before.map(keyOf));
  const has = new Set(now.map(keyOf));
  const come = now.filter((edge) => !had.has(keyOf(edge)));
  const gone = before.filter((edge) => !has.has(keyOf(edge))).reverse();
  if (come.length === 0 && gone.length === 0) return NOTHING;
  const pace = (n: number): number => (reduced ? 0 : Math.min(APART, AT_MOST / Math.max(1, n)));
  return {
    born: new Map(come.map((edge, i) => [keyOf(edge), i * pace(come.length)])),
    died: gone.map((edge, i) => ({ edge, at: i * pace(gone.length) })),
    ends: Math.max(come.length * pace(come.length), gone.length * pace(gone.length)),
  };
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  /** Row 0 is what the first layer reads. */
  readonly rows: readonly (readonly Spot[])[];
  /** Where the image stands, when its pixels are the lowest row. */
  readonly image: { readonly x: number; readonly y: number; readonly side: number } | null;
  readonly radius: number;
  /** Names of groups: gates over their units, x and h under theirs. */
  readonly names: readonly (Spot & { readonly text: string })[];
}

/** The crown is under the heading, its names between them. */
const TOP = 76;
const UNDER_HEADING = 30;
const BOTTOM = 22;
const MARGIN = 28;
/** Between two groups of a row. */
const APART_BY = 18;

/** `bottom`: of the heading over it. */
export function layoutGraph(
  layers: readonly GraphLayer[],
  width: number,
  height: number,
  bottom = 0,
): GraphLayout {
  const across = layers[0]?.pixelsAcross ?? null;
  const side = across === null ? 0 : Math.max(56, Math.min(168, height * 0.3, width - 2 * MARGIN));
  const floor = height - BOTTOM - side - (side === 0 ? 12 : 18);
  const ceiling = Math.max(TOP, bottom + UNDER_HEADING);
  const gap = (floor - ceiling) / Math.max(1, layers.length - (side === 0 ? 0 : 0.4));
  const widest = Math.max(...layers.map(({ units }) => units), 1);
  const groups = Math.max(...layers.map(({ gates }) => gates?.length ?? 1), 1);
  const pitch = Math.min(34, (width - 2 * MARGIN - APART_BY * (groups - 1)) / widest);
  /** Units of several groups side by side, a little apart. */
  const row = (counts: readonly number[], y: number): readonly Spot[] => {
    const units = counts.reduce((sum, n) => sum + n, 0);
    const wide = (units - 1) * pitch + APART_BY * (counts.length - 1);
    return counts.flatMap((count, g) => {
      const before = counts.slice(0, g).reduce((sum, n) => sum + n, 0);
      const start = width / 2 - wide / 2 + before * pitch + g * APART_BY;
      return Array.from({ length: count }, (_, i) => ({ x: start + i * pitch, y }));
    });
  };
  const countsOf = ({ units, gates }: GraphLayer): readonly number[] =>
    gates === undefined ? [units] : gates.map(() => units / gates.length);
  const first = layers[0];
  const sources = first?.sources ?? 0;
  const top = height - BOTTOM - side;
  const lowest =
    across === null
      ? row(first?.from?.map(({ count }) => count) ?? [sources], floor)
      : Array.from({ length: sources }, (_, i) => ({
          x: width / 2 - side / 2 + ((i % across) + 0.5) * (side / across),
          y: top + (Math.floor(i / across) + 0.5) * (side / across),
        }));
  const start = side === 0 ? floor : floor + 0.4 * gap;
  const rows = [lowest, ...layers.map((layer, k) => row(countsOf(layer), start - (k + 1) * gap))];
  const radius = Math.max(1.6, Math.min(7, pitch * 0.32));
  return {
    rows,
    image: across === null ? null : { x: width / 2 - side / 2, y: top, side },
    radius: layers.some(({ gates }) => gates) ? radius : Math.max(2.5, radius),
    names: [
      ...namesOf(first?.from ?? [], lowest, radius + 15),
      ...layers.flatMap((layer, k) =>
        namesOf(
          (layer.gates ?? []).map((name) => ({ name, count: layer.units / layer.gates!.length })),
          rows[k + 1]!,
          -radius - 6,
        ),
      ),
    ],
  };
}

/** A name over or under the middle of each group of a row. */
function namesOf(
  groups: readonly { readonly name: string; readonly count: number }[],
  row: readonly Spot[],
  below: number,
): GraphLayout["names"] {
  let from = 0;
  return groups.flatMap(({ name, count }) => {
    const [a, b] = [row[from], row[from + count - 1]];
    from += count;
    return a === undefined || b === undefined ? [] : [{ x: (a.x + b.x) / 2, y: a.y + below, text: name }];
  });
}
