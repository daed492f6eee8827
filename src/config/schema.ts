/**
 * The one description of a setting. Defaults, the check, the controls, the link, the JSON Schema and the table in the
 * docs are all made from these records, so a method that declares its schema needs nothing else to be usable.
 *
 * Plain data on purpose: a field can cross a worker boundary. `config/check.ts` turns it into a zod/mini type.
 */
interface Named {
  /** What the control is called. */
  readonly label: string;
  /** One sentence for the tooltip: what it does, or why the default is what it is. */
  readonly help?: string;
  /** The letter the paper and the docs page use: "τ", "ν", "D". */
  readonly symbol?: string;
  /** May change while a run goes on (the change is recorded in the recipe). Absent: from the next run. */
  readonly live?: boolean;
}

export type Field =
  | (Named & {
      readonly kind: "int" | "float";
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly scale?: "linear" | "log";
      readonly unit?: string;
    })
  | (Named & { readonly kind: "flag"; readonly default: boolean })
  | (Named & { readonly kind: "choice"; readonly default: string; readonly options: readonly string[] })
  | (Named & {
      readonly kind: "list";
      readonly of: "int" | "float";
      readonly default: readonly number[];
      readonly min: number;
      readonly max: number;
      readonly minLength: number;
      readonly maxLength: number;
      readonly unit?: string;
    })
  /**
   * The part of a network that an action is aimed at: a parameter's path, or the id of a tier, part or unit of its drawing,
   * and "@f" for one gate of it. "" is the whole network. Chosen by pointing at it: generic controls leave it out.
   */
  | (Named & { readonly kind: "path"; readonly default: string });

export type Schema = Readonly<Record<string, Field>>;

export type ValueOf<F extends Field> = F extends { kind: "flag" }
  ? boolean
  : F extends { kind: "choice" | "path" }
    ? string
    : F extends { kind: "list" }
      ? readonly number[]
      : number;

export type Value = number | boolean | string | readonly number[];

export type Values<S extends Schema = Schema> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** Every field's default. */
export function defaults<S extends Schema>(schema: S): Values<S> {
  return Object.fromEntries(Object.entries(schema).map(([key, field]) => [key, field.default])) as Values<S>;
}
