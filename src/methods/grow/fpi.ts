/**
 * bert2BERT's function-preserving initialisation (FPI, arXiv 2110.07143 §3.3.1; transformer-growth §3.4): Net2Net's
 * widening carried through a whole transformer. Every tensor is copied along what it makes and divided along what it
 * reads, by three maps: trunk, heads, feed-forward units. Heads keep their size, so the attention scale stays.
 */
import type { GrowMethod } from "../types.ts";
import {
  agesAlong,
  grownBy,
  isWide,
  keepsFunction,
  mapsOf,
  nextWider,
  SYMMETRY_FIELD,
  WIDER_FIELDS,
  widerCopies,
  widerFeeds,
  widerNotes,
} from "./wider.ts";
import { broken, widened } from "./width.ts";

const schema = { ...WIDER_FIELDS, symmetry: SYMMETRY_FIELD } as const;

export const fpi: GrowMethod<typeof schema> = {
  kind: "grow",
  id: "fpi",
  label: "bert2BERT FPI",
  summary: "Makes the network wider by copying channels, heads and hidden units; what reads them is divided.",
  schema,
  paper: {
    title: "bert2BERT: Towards Reusable Pretrained Language Models",
    authors: "Chen, Yin, Shang, Jiang, Qin, Wang, Wang, Chen, Liu, Liu",
    year: 2022,
    arxiv: "2110.07143",
  },
  applies: isWide,
  next: nextWider,

  map(t, from, to, old, c, key) {
    const maps = mapsOf(from, to, c, key);
    return grownBy(t, from, to, c, (spec) => {
      const x = old.get(spec.path)!;
      return broken(t, widened(t, x, spec, maps, key), x, spec, maps, c.symmetry, key);
    });
  },

  slots: () => "reset",
  rewarm: (c) => c.rewarm,
  carry: (t, from, to, old, c, fill, key) =>
    grownBy(t, from, to, c, agesAlong(t, from, old, mapsOf(from, to, c, key), fill), fill),
  preserving: (c, from, to) => c.symmetry !== "additive" && keepsFunction(from, to, c),
  notes: widerNotes,
  copies: widerCopies,
  feeds: widerFeeds,
};
