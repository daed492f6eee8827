/**
 * Which tensors are the gradient of a loss by itself, exactly 1. An op that makes a loss may have its gradient ready from
 * the forward pass; it must then know that nothing is left to be scaled.
 */
import type { Tensor } from "./types.ts";

const seeds = new WeakSet<Tensor>();

export function markSeed(tensor: Tensor): Tensor {
  seeds.add(tensor);
  return tensor;
}

export const isSeed = (tensor: Tensor): boolean => seeds.has(tensor);
