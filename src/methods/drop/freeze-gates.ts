/** Gates that stand still: every step runs the layers that one step has drawn, until gates are drawn again. */
import type { StructureMethod } from "../types.ts";
import { appliesTo, canDrop } from "./shared.ts";

const schema = {
  frozen: {
    kind: "flag",
    label: "Frozen",
    help: "Every step runs the layers that the next one draws, by the chances of now. Off: each step draws again.",
    default: true,
  },
} as const;

export const freezeGates: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "drop",
  id: "freeze-gates",
  label: "Freeze gates",
  summary: "Training steps go on with the layers that one step has drawn.",
  schema,
  paper: null,
  applies: appliesTo,
  can: (model, at) => canDrop(model, at, { least: 0 }),
  async plan(at, { frozen }) {
    if (!at.dropping) return "Not changed: no layers are being left out, so there are no gates to freeze.";
    if (frozen === at.held) {
      return frozen
        ? "Not changed: the gates are frozen already."
        : "Not changed: every step draws its gates already.";
    }
    return { arch: at.from.arch, preserving: true, hold: frozen };
  },
};
