/**
 * What a model is: a schema, the list of its parameters, a pure function of them, and how it is drawn. A model never
 * holds a weight; a growth operator can therefore be traced *through* a grown model, and two programs can share weights.
 */
import type { Schema, Values } from "../config/schema.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../engine/types.ts";

/** What the data decides about a model. */
export interface DataShape {
  /** Symbols of the tokenizer, without [BOS]; of images, the classes. */
  readonly vocab: number;
  /** Positions of a window, T; 1 for an image. */
  readonly context: number;
  /** Of data that is images. */
  readonly image?: { readonly channels: number; readonly height: number; readonly width: number };
}

/** What is asked of a network: symbols of a text (the next ones, or `masked` ones), or the class of an image. */
export type Task = "next-token" | "classify";

export interface Batch {
  /**
   * Text: u32 [B, T]; for a `bos` model position 0 is the id `vocab`, and the text follows one place later.
   * Images: f32 [B, channels, height, width], normalised.
   */
  readonly inputs: Tensor;
  /** u32 [B, T] or [B]; 0xffffffff: no loss at this position. Null in programs that only look or write. */
  readonly targets: Tensor | null;
}

export interface Applied {
  /** [B·T, V], one row an image */
  readonly logits: Tensor;
  /** [B·T], nats; 0 where ignored. Null when the batch has no targets. */
  readonly losses: Tensor | null;
  /**
   * Values the page can look at, by the names used in `anatomy`: gates, attention maps, activations of the first window.
   * Of the whole batch: h [B·T, H] of recurrent layers, `layers.k.h`, and what a convolution reads, `convK.in`, which methods
   * look at; and attention maps for the lens.
   */
  readonly taps: Params;
}

export type Gates = "skip" | "scale";

export interface ApplyOptions {
  /** Dropout is drawn (training) or off (evaluation, probes, sampling). */
  readonly training: boolean;
  /**
   * Layers that a training step may leave out are segments that can be skipped (`Model.skips`). "scale": and each joins the
   * trunk by the scale of its gate, one more than its number (engine/control.ts). Absent: every layer runs.
   */
  readonly gates?: Gates;
  /** Keep the values `anatomy` names as taps; they may cost dispatches, so training does without. */
  readonly taps: boolean;
  /**
   * Connections past a layer of hidden units, by the units' axis: weight [M, N] from the N numbers that the units read
   * straight to the M numbers, before their activation, of the layer that reads the units. At 0 they change nothing, and
   * their gradient says what a new unit there should do (NeST's bridging gradient). Of axes that `bridges` lists.
   */
  readonly bridges?: ReadonlyMap<string, Tensor>;
}

// biome-ignore lint/suspicious/noExplicitAny: models of different schemas live in one registry
export interface Model<S extends Schema = any> {
  readonly id: string;
  readonly label: string;
  readonly schema: S;
  readonly task: Task;
  /** [BOS] stands before each window and is never a target. */
  readonly bos: boolean;
  /**
   * Of a model with attention: what a query sees; "grid": all of a class token and a square of patches, row by row. `apply`
   * then taps P [N, heads, T, T] of each layer as `….attention`.
   */
  readonly attends?: "causal" | "all" | "grid";
  /**
   * Some symbols are hidden and asked for (BERT). Then `bos` is [CLS], [MASK] has the id V + 1, and every place may read
   * what follows. Absent: the next symbol is asked for at each place.
   */
  readonly masked?: true;
  params(arch: Values<S>, data: DataShape): readonly ParamSpec[];
  apply(
    t: Trace,
    arch: Values<S>,
    data: DataShape,
    params: Params,
    batch: Batch,
    options: ApplyOptions,
  ): Applied;
  /** Which schema fields growth changes. */
  readonly growth: { readonly depth?: string; readonly width?: readonly string[] };
  /** Forward floating-point operations per token or image (grow-prune §1.4: 2 per active multiply-add). */
  flops(arch: Values<S>, data: DataShape): { readonly executed: number; readonly active: number };
  /** Hidden units that can be taken out one by one (compaction, grow-prune §2.4). Absent: none. */
  units?(arch: Values<S>, data: DataShape): Units<S>;
  /**
   * Layers that a step may leave out, by the names of their segments in `apply`, in order; or the sentence why none may be. A
   * parameter belongs to the one whose number is its `layer`. Absent: no residual trunk, nothing can be left out.
   */
  skips?(arch: Values<S>): readonly string[] | string;
  /** Axes of units past which `apply` can lead a bridge. Absent: none. */
  bridges?(arch: Values<S>): readonly string[];
  /** Batch norms right behind a matrix of connections, whose rows they scale by γ/√(var + ε). Absent: none. */
  norms?(arch: Values<S>): readonly Norm[];
  /** Null, or one sentence saying why these values cannot be (heads must divide width, and the like). */
  check(arch: Values<S>, data: DataShape): string | null;
  anatomy(arch: Values<S>, data: DataShape): Anatomy;
  /** One line for the stage: "192 cells in 3 blocks". The page adds the weight count. */
  describe(arch: Values<S>): string;
}

/** A batch norm by the paths of its parameters. */
export interface Norm {
  readonly weight: string;
  /** γ [O] */
  readonly gain: string;
  /** Running mean and variance [2, O]. */
  readonly running: string;
  readonly eps: number;
}

/** Hidden units, by the axes of the parameters they stand on. */
export interface Units<S extends Schema = Schema> {
  readonly axes: readonly UnitAxis[];
  /** The model's values with axes of these sizes; one number a group. Axes left out stay. */
  resized(sizes: ReadonlyMap<string, readonly number[]>): Values<S>;
}

/** The units of one layer (or, where layers share an axis, of all of them): row, column and bias entry of one number. */
export interface UnitAxis {
  /** As `ParamSpec.axes` names it: among the axes that are read (`ParamSpec.reads`) in a matrix that reads the units. */
  readonly axis: string;
  /** The units are maps of a convolution. */
  readonly map?: true;
  /** Units in order, in groups that keep at least `least` each: the blocks of an LSTM. */
  readonly groups: readonly number[];
  readonly least: number;
  /**
   * A unit that reads nothing gives φ(its bias) for ever, which can be added to the biases of those that read it. Null: it
   * is no constant (an LSTM cell), so only a unit that nobody reads can be taken out.
   */
  readonly constant: {
    readonly activation: "none" | "relu" | "leaky-relu" | "tanh" | "sigmoid" | "gelu";
    /** The units' own biases. */
    readonly bias: string;
    readonly readers: readonly { readonly weight: string; readonly bias: string }[];
  } | null;
}

/**
 * How a network is drawn, by the one rule of design.md §3: tiers up the trunk, a left arm that reads, a right arm that
 * makes. Data only: the worker fills the parts with live numbers, the page draws them, neither knows the model.
 */
export interface Anatomy {
  readonly tiers: readonly Tier[];
  /** What stands at the root: the text of the view window under the right arm, or the image that is looked at. */
  readonly root: "text" | "image";
  /** Bare wires: what could still be added, first one first. The sentence stands on the wire. */
  readonly room: readonly { readonly label: string }[];
  /** Names under the frame, each under the column of the parts that have this `post`. */
  readonly posts: readonly { readonly id: string; readonly label: string }[];
}

export interface Tier {
  /** Stable while the network grows, so that a newborn tier is told from an old one: "layers.0.block.2". */
  readonly id: string;
  /** "Block 2", "Layer 4" */
  readonly name: string;
  /** "64 cells", "copy of layer 2" */
  readonly note: string;
  /** A heading over the first tier of a group ("Layer 2" of stacked LSTMs); else "". */
  readonly group: string;
  /** From the trunk outwards. Two arms on one side (attention low, feed-forward high) differ in `ring`. */
  readonly left: readonly Part[];
  readonly right: readonly Part[];
}

export type Part = {
  readonly id: string;
  /** "reads block 1", "input gate weights": said when hovered, with rows, columns and figures. */
  readonly name: string;
  /** Which post it stands over, and its caption. */
  readonly post: string;
  /** Horizontal strips one above the other ("i f g o"); else "". */
  readonly strips: readonly string[];
  /** Each strip reads the units of its own strip below, not all that there are. */
  readonly perStrip?: true;
  /** "row": one line of cells, a unit each. "board": small pictures side by side, which keep their proportions. */
  readonly form?: "row" | "board";
  /** It reads the image itself: each column is a pixel, channel by channel; with `kernel`, kernels slide over the pixels. */
  readonly reads?: {
    readonly channels: number;
    readonly height: number;
    readonly width: number;
    readonly kernel?: { readonly size: number; readonly padding: number };
  };
  /**
   * Of kernels: the parameter that says where on the map each is used, the map's size, and where its places lie on the image
   * at the root: place p from pixel origin + pitch · p to the next, along both sides.
   */
  readonly area?: {
    readonly path: string;
    readonly rows: number;
    readonly columns: number;
    readonly origin: number;
    readonly pitch: number;
  };
} & (
  | {
      readonly kind: "weight";
      /** The parameter, and the part of it that this tile shows: one [from, to) per axis. */
      readonly path: string;
      readonly slice: readonly (readonly [number, number])[];
      /** How the slice is laid on rows × columns: axes of rows, then axes of columns. */
      readonly rows: readonly number[];
      readonly cols: readonly number[];
    }
  | {
      readonly kind: "activation" | "attention";
      /** A tap of `apply`, and the part of it. Attention: [T, T], query down, key across. */
      readonly tap: string;
      readonly slice: readonly (readonly [number, number])[];
      readonly rows: readonly number[];
      readonly cols: readonly number[];
      readonly scale: "sequential" | "diverging";
      /** Strips of a diverging scale among sequential ones (gate g among i f o). */
      readonly divergingStrips?: readonly number[];
      /** Rows are hidden units: those that are 0 throughout are counted. */
      readonly silent?: true;
    }
);
