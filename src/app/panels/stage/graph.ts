/**
 * A small network as units and edges: where each unit stands, which edges there are, and what has come and gone since the
 * last look, in rank order. Pure arithmetic; GraphView draws it.
 */
import { type Anatomy, type GraphLayer, LIFE } from "../../../run/messages.ts";

/** Units of a row that can be told from one another: as the trainer sends them. */
const MOST_UNITS = 64;
/** Edges drawn: beyond them the weakest are left out, and the caption says so. */
export const MOST_EDGES = 4000;
/** Milliseconds between two edges that light up one after the other, and for all of them at most. */
const APART = 20;
const AT_MOST = 1600;

/** Whether this network may be small enough: a stack of layers with few units each. */
export function graphable({ tiers }: Anatomy): boolean {
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
}

/** The crown is under the heading. */
const TOP = 76;
const BOTTOM = 22;
const MARGIN = 28;

export function layoutGraph(layers: readonly GraphLayer[], width: number, height: number): GraphLayout {
  const across = layers[0]?.pixelsAcross ?? null;
  const side = across === null ? 0 : Math.max(56, Math.min(168, height * 0.3, width - 2 * MARGIN));
  const floor = height - BOTTOM - side - (side === 0 ? 12 : 18);
  const gap = (floor - TOP) / Math.max(1, layers.length - (side === 0 ? 0 : 0.4));
  const widest = Math.max(...layers.map(({ units }) => units), 1);
  const pitch = Math.min(34, (width - 2 * MARGIN) / widest);
  const row = (units: number, y: number): readonly Spot[] =>
    Array.from({ length: units }, (_, i) => ({ x: width / 2 + (i - (units - 1) / 2) * pitch, y }));
  const first = layers[0];
  const sources = first?.sources ?? 0;
  const top = height - BOTTOM - side;
  const lowest =
    across === null
      ? row(sources, floor)
      : Array.from({ length: sources }, (_, i) => ({
          x: width / 2 - side / 2 + ((i % across) + 0.5) * (side / across),
          y: top + (Math.floor(i / across) + 0.5) * (side / across),
        }));
  const start = side === 0 ? floor : floor + 0.4 * gap;
  return {
    rows: [lowest, ...layers.map(({ units }, k) => row(units, start - (k + 1) * gap))],
    image: across === null ? null : { x: width / 2 - side / 2, y: top, side },
    radius: Math.max(2.5, Math.min(7, pitch * 0.32)),
  };
}
