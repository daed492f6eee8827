// What a matmul binds for the end, where it reads and writes number by number.
//!include "lib/matmul-sizes.wgsl"

@group(0) @binding(5) var<storage, read> bias: array<f32>; // [n]
@group(0) @binding(6) var<storage, read> residual: array<f32>; // as y
@group(0) @binding(7) var<storage, read_write> y: array<f32>; // [z, m, n]
@group(0) @binding(8) var<storage, read_write> pre: array<f32>; // y before the activation, for the gradient
