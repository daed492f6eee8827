/**
 * Scratch memory: whole buffers, shared by values whose lifetimes do not meet. Whole buffers and not slices of one, since
 * WebGPU refuses a dispatch that binds one buffer for reading and for writing, even at ranges that do not overlap.
 *
 * Greedy by size (Pisarchyk, Lee, "Efficient memory management for deep neural net inference", 2020, "shared objects"):
 * the largest value first, each into the smallest buffer that is free all its life. The large ones thus fix the buffers,
 * the small ones fill the gaps, and no small long-lived value holds a large buffer that a larger one would need.
 */
export interface Lifetime {
  readonly bytes: number;
  /** First and last step, both included: an output and the inputs it is made from meet. */
  readonly from: number;
  readonly to: number;
}

export interface Pool {
  /** Bytes of each buffer. */
  readonly buffers: readonly number[];
  /** The buffer of each lifetime. */
  readonly of: readonly number[];
}

export function colour(lifetimes: readonly Lifetime[]): Pool {
  const buffers: { readonly bytes: number; readonly users: Lifetime[] }[] = [];
  const of = new Array<number>(lifetimes.length).fill(0);
  const order = lifetimes.map((_, i) => i);
  order.sort((i, j) => {
    const [a, b] = [lifetimes[i]!, lifetimes[j]!];
    return b.bytes - a.bytes || a.from - b.from || i - j;
  });
  for (const i of order) {
    const one = lifetimes[i]!;
    let best = -1;
    buffers.forEach(({ bytes, users }, b) => {
      if (best >= 0 && bytes >= buffers[best]!.bytes) return;
      if (users.every(({ from, to }) => to < one.from || one.to < from)) best = b;
    });
    if (best < 0) best = buffers.push({ bytes: one.bytes, users: [] }) - 1;
    buffers[best]!.users.push(one);
    of[i] = best;
  }
  return { buffers: buffers.map(({ bytes }) => bytes), of };
}
