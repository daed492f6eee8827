/**
 * The control block: the only bytes a steady step uploads (64 words, 256 bytes). One fixed place for each number, the
 * same here and in shaders/lib/control.wgsl; a test compares the two. Floats are stored by their bits.
 */
export const CONTROL_WORDS = 64;

export const SLOT = {
  /** u32: index of the batch to draw (0-based). */ step: 0,
  /** u32: optimizer updates since the slots were reset, this one included (1-based). */ updates: 1,
  /** u32 ×2: key of the run. */ seed0: 2,
  seed1: 3,
  /** f32: learning rate of this step. */ lr: 4,
  /** f32: decoupled weight decay λ. */ weightDecay: 5,
  /** f32: global-norm clip c; 0 is off. */ clip: 6,
  /** f32: 1 − β₁ᵗ and 1 − β₂ᵗ, from float64. */ bias1: 7,
  bias2: 8,
  /** f32: probability of dropping in `dropout`; 0 passes through. */ dropout: 9,
  /** u32: how a batch is drawn: 0 at random by (seed, step); 1 evenly spaced over the part (validation, probe). */ drawMode: 10,
  /** u32: index of the evenly spaced batch, and how many there are. */ drawIndex: 11,
  drawCount: 12,
  /** u32: sampling text: index of the last filled place of the window. */ position: 13,
  /** f32: sampling temperature; 0 is greedy. */ temperature: 14,
  /** u32: how many tokens this sampling run has written. */ written: 15,
  /** u32: bit g is set when the parameters of gate g (1 … GATES) get no update. Bit 0 never is. */ left: 16,
} as const;

/**
 * Gates: parts of a model that a step may leave out (layer dropping). Gate g has three f32 words from GATE + 3·(g − 1) on:
 * what its part is scaled by, and its own 1 − β₁ᵗ and 1 − β₂ᵗ, since its parameters may have had fewer updates.
 */
export const GATE = 17;
export const GATES = 15;

export type ControlSlot = keyof typeof SLOT;

const FLOATS: ReadonlySet<ControlSlot> = new Set([
  "lr",
  "weightDecay",
  "clip",
  "bias1",
  "bias2",
  "dropout",
  "temperature",
]);

const scratch = new DataView(new ArrayBuffer(4));

/** The bits of an f32 as a u32. */
export function floatBits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

/** The f32 whose bits these are. */
export function bitsFloat(bits: number): number {
  scratch.setUint32(0, bits >>> 0);
  return scratch.getFloat32(0);
}

/** A control block with these numbers, the rest 0. */
export function control(values: Partial<Record<ControlSlot, number>>): Uint32Array {
  const words = new Uint32Array(CONTROL_WORDS);
  for (const [slot, value] of Object.entries(values) as [ControlSlot, number][]) {
    words[SLOT[slot]] = FLOATS.has(slot) ? floatBits(value) : value >>> 0;
  }
  return words;
}

/** Writes the words of gate `gate` (1 … GATES). */
export function setGate(words: Uint32Array, gate: number, [scale, bias1, bias2]: readonly number[]): void {
  words.set([floatBits(scale!), floatBits(bias1!), floatBits(bias2!)], GATE + 3 * (gate - 1));
}

/** [scale, 1 − β₁ᵗ, 1 − β₂ᵗ] of a gate. */
export function gateValues(words: ArrayLike<number>, gate: number): readonly number[] {
  const at = GATE + 3 * (gate - 1);
  return [0, 1, 2].map((i) => bitsFloat(words[at + i] ?? 0));
}

/** Read one number out of a control block (its words as numbers), for the ops' references. */
export function controlValue(words: ArrayLike<number>, slot: ControlSlot): number {
  const word = words[SLOT[slot]] ?? 0;
  return FLOATS.has(slot) ? bitsFloat(word) : word;
}
