/**
 * The choreography of a change (design: growing, cutting): settled tiers slide, then newborn tiles unfold from the trunk
 * outwards. It starts when the new anatomy arrives, never before; a person who asked for less motion gets the new picture
 * whole.
 */
import { useEffect, useRef, useState } from "react";
import type { StageLayout } from "./layout.ts";

const SLIDE = 240;
const UNFOLD_FROM = 240;
const UNFOLD = 400;
const STAGGER = 40;

export interface Motion {
  /** Vertical offset of a tier, sinking to 0. */
  offset(tierId: string): number;
  /** 0…1 of a newborn part, in order of its distance from the trunk. */
  unfold(partId: string): number;
  readonly moving: boolean;
}

const STILL: Motion = { offset: () => 0, unfold: () => 1, moving: false };

const easeOut = (t: number) => 1 - (1 - t) ** 3;

export function useMotion(layout: StageLayout, shape: string, reduced: boolean): Motion {
  const before = useRef<{ shape: string; wires: Map<string, number>; parts: Set<string> } | null>(null);
  const change = useRef<{ from: Map<string, number>; newborn: Map<string, number>; start: number } | null>(
    null,
  );
  const [now, setNow] = useState(0);

  const wires = new Map(layout.tiers.map((t) => [t.tier.id, t.wire]));
  const parts = new Set(layout.tiers.flatMap((t) => t.parts.map((p) => p.part.id)));
  const last = before.current;
  if (last !== null && last.shape !== shape && !reduced) {
    const newborn = new Map<string, number>();
    for (const tier of layout.tiers) {
      for (const [order, placed] of tier.parts.entries()) {
        if (!last.parts.has(placed.part.id)) newborn.set(placed.part.id, order);
      }
    }
    change.current = { from: last.wires, newborn, start: performance.now() };
  }
  before.current = { shape, wires, parts };

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new shape starts a new movement
  useEffect(() => {
    if (change.current === null) return;
    let frame = 0;
    const tick = () => {
      const { start = 0, newborn } = change.current ?? {};
      const end = UNFOLD_FROM + UNFOLD + STAGGER * Math.max(0, ...(newborn?.values() ?? []));
      if (performance.now() - start > end) change.current = null;
      else frame = requestAnimationFrame(tick);
      setNow(performance.now());
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [shape]);

  const running = change.current;
  if (running === null) return STILL;
  const elapsed = Math.max(0, now - running.start);
  const slide = 1 - easeOut(Math.min(1, elapsed / SLIDE));
  return {
    moving: true,
    offset: (id) => {
      const from = running.from.get(id);
      const to = wires.get(id);
      return from === undefined || to === undefined ? 0 : (from - to) * slide;
    },
    unfold: (id) => {
      const order = running.newborn.get(id);
      if (order === undefined) return 1;
      return easeOut(Math.max(0, Math.min(1, (elapsed - UNFOLD_FROM - order * STAGGER) / UNFOLD)));
    },
  };
}
