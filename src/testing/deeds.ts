/**
 * What is done to a run in a random sequence: actions of the registry with values of their schemas, training, undo,
 * branches, reloads. testing/sequences.ts does them and says what must hold.
 */
import fc from "fast-check";
import type { Field, Schema } from "../config/schema.ts";
import type { Model } from "../models/types.ts";
import type { Choice } from "../run/config.ts";
import { actions } from "../run/registries.ts";
import { STAGES, type Stage } from "../train/event-terms.ts";

export type Deed =
  /** `at`: which of the network's parts an empty path means. `fault`: the stage that is made to fail. */
  | { readonly kind: "act"; readonly action: Choice; readonly at: number; readonly fault: Stage | null }
  | { readonly kind: "train"; readonly steps: number }
  | { readonly kind: "undo" | "reload" | "leave a window" }
  /** To any node that can still be brought back. */
  | { readonly kind: "branch"; readonly at: number };

/** A few values of a field: what is usual, and its smaller bounds. Tiny networks must stay tiny. */
function valuesOf(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "choice":
      return fc.constantFrom(...field.options);
    case "flag":
      return fc.boolean();
    case "path":
      return fc.constant(field.default);
    case "list":
      return fc.constant(field.default);
    default: {
      const whole = field.kind === "int";
      const some = whole ? [field.min, 1, 3, 4] : [field.default, 0.05, 0.3, 0.7];
      const small = some.filter((v) => v >= field.min && v <= Math.min(field.max, 10));
      return fc.constantFrom(...(small.length > 0 ? small : [field.default]));
    }
  }
}

const choiceOf = (id: string, schema: Schema): fc.Arbitrary<Choice> =>
  fc
    .record(Object.fromEntries(Object.entries(schema).map(([key, field]) => [key, valuesOf(field)])))
    .map((values) => ({ id, ...values }) as Choice);

/** Every action that applies to a model, with any of its values. */
export const anyAction = (model: Model): fc.Arbitrary<Choice> =>
  fc.oneof(
    ...[...actions.values()]
      .filter((method) => method.applies(model) === true)
      .map(({ id, schema }) => choiceOf(id, schema)),
  );

export function deedsOf(action: fc.Arbitrary<Choice>): fc.Arbitrary<Deed> {
  const act = fc.record({
    kind: fc.constant("act" as const),
    action,
    at: fc.nat(40),
    fault: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.constantFrom(...STAGES)),
  });
  return fc.oneof(
    { weight: 14, arbitrary: act },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("train" as const), steps: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: "undo" } as Deed) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("branch" as const), at: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.constantFrom({ kind: "reload" } as Deed, { kind: "leave a window" } as Deed) },
  );
}
