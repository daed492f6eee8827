/** A figure of a methods page: a small run of its own, and how what was seen of it is drawn. */
import type { Asked, Observed } from "../../worker/observed.ts";
import type { Sheet } from "./svg.ts";

export interface Figure {
  /** Of the method or model, whose page has the figure. */
  readonly id: string;
  /** What differs from a config's defaults. */
  readonly config: object;
  /** What is looked at on the way. */
  readonly asked?: Asked;
  draw(seen: Observed): Sheet;
}
