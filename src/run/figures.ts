/** What methods add to the record of an event (`StructureFigures.extra`), named for the reader. */

export interface FigureName {
  readonly label: string;
  /** "share": 0 … 1, said in percent. */
  readonly as: "count" | "share" | "number";
}

const count = (label: string): FigureName => ({ label, as: "count" });
const share = (label: string): FigureName => ({ label, as: "share" });
const number = (label: string): FigureName => ({ label, as: "number" });

/** Null: told elsewhere in the record. */
export const FIGURES: Readonly<Record<string, FigureName | null>> = {
  dropped: count("connections pruned"),
  grown: count("connections woken"),
  share: share("as a share"),
  left: count("connections left"),
  density: share("density"),
  repairs: count("of these, repairs"),
  units: count("units"),
  folded: count("of these, folded into biases"),
  pairs: count("pairs joined"),
  strength: number("birth strength α"),
  halvings: count("times α was halved"),
  maps: count("layers given a map"),
  candidates: count("candidates tried"),
  best: count("the best was number"),
  places: count("places switched off"),
  slices: count("slices removed"),
  width: count("units of the layer"),
  slope: number("slope below 0"),
  frozen: count("weights frozen or thawed"),
  operatorSteps: null,
  operatorFlops: null,
  operatorFirst: null,
  operatorLast: null,
};
