/**
 * A small recurrent network as a graph: what one layer of cells reads, x and the h of the step before, then the units of its
 * gates, group by group, and, where gates are networks of their own, their hidden units in between. A stack is none.
 */
import type { Anatomy } from "../models/types.ts";
import { type GraphLayer, LIFE } from "../run/messages.ts";
import { each, graphOf, size, type WeightPart, younger } from "./units-view.ts";
import type { Seen } from "./view.ts";

/** Units of one gate that can be told apart, and sources of each kind. */
const GATE_UNITS = 32;
const GATE_SOURCES = 64;

interface Stage {
  /** Of a unit's own gate alone. */
  readonly perStrip: boolean;
  readonly parts: { readonly tier: string; readonly part: WeightPart }[];
}

/** Parts that make the same units: of x and h together, else of one parameter, or of one layer of it. */
function stagesOf({ tiers }: Anatomy): readonly Stage[] {
  const stages = new Map<string, Stage>();
  for (const { id, left } of tiers) {
    for (const part of left) {
      if (part.kind !== "weight") continue;
      const perStrip = part.perStrip === true;
      const key = perStrip ? `${part.path} ${part.slice.length > 3 ? part.slice[0]![0] : ""}` : "";
      const stage = stages.get(key) ?? { perStrip, parts: [] };
      stage.parts.push({ tier: id, part });
      stages.set(key, stage);
    }
  }
  return [...stages.values()];
}

function gatesGraph(seen: Seen, anatomy: Anatomy): readonly GraphLayer[] | null {
  const layers: GraphLayer[] = [];
  for (const { perStrip, parts } of stagesOf(anatomy)) {
    const gates = parts[0]!.part.strips;
    const paths = [...new Set(parts.map(({ part }) => part.path))];
    const shapes = paths.map((path) => seen.layout.entries.get(path)?.shape);
    if (paths.length > 2 || shapes.some((shape) => shape === undefined)) return null;
    const each4 = shapes.map((shape) => shape!.slice(-2) as [number, number]);
    const units = each4[0]![0];
    const counts = each4.map(([, sources]) => sources);
    if (units > GATE_UNITS || counts.some((n) => n > GATE_SOURCES)) return null;
    const sources = (perStrip ? gates.length : 1) * counts.reduce((sum, n) => sum + n, 0);
    const weights = new Float32Array(gates.length * units * sources);
    const life = new Uint8Array(weights.length);
    for (const { part } of parts) {
      const which = paths.indexOf(part.path);
      const before = counts.slice(0, which).reduce((sum, n) => sum + n, 0);
      const rank = part.slice.length;
      const start = (axis: number): number => part.slice[axis]![0];
      const there = each(seen, part, (value, alive, at) => {
        if (alive === LIFE.dormant) return;
        const gate = at[rank - 3]!;
        const unit = gate * units + start(rank - 2) + at[rank - 2]!;
        const read = start(rank - 1) + at[rank - 1]!;
        const place = unit * sources + (perStrip ? gate * counts[0]! : before) + read;
        weights[place] = value;
        life[place] = younger(life[place]!, alive);
      });
      if (!there) return null;
    }
    const made = parts
      .filter(({ part }) => part.path === paths[0])
      .map(({ tier, part }) => ({
        tier,
        from: part.slice.at(-2)![0],
        to: part.slice.at(-2)![0] + size(part, part.slice.length - 2),
      }));
    layers.push({
      ...{ tier: parts[0]!.tier, units: gates.length * units, sources, pixelsAcross: null, weights, life },
      ...{ gates, made },
      from: perStrip
        ? gates.map((name) => ({ name, count: counts[0]! }))
        : paths.map((path, k) => ({ name: path.split(".").at(-2) ?? "", count: counts[k]! })),
    });
  }
  return layers.length === 0 ? null : layers;
}

/** Unit by unit, of a stack of layers or of one layer of gates; null where that is too much to be told apart. */
export function networkGraph(seen: Seen, anatomy: Anatomy): readonly GraphLayer[] | null {
  const gates = anatomy.tiers.some(({ left }) => left.some(({ strips }) => strips.length > 0));
  return gates ? gatesGraph(seen, anatomy) : graphOf(seen, anatomy);
}
