// Functions of one element and their gradients. One invocation computes one element. KIND is the function's place in
// RULES of src/engine/ops/unary.ts.
struct Sizes {
  count: u32,
  p: f32, // slope of leaky-relu, factor of scale, value of offset
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

override KIND = 0u;

//!include "lib/activations.wgsl"

fn value(v: f32) -> f32 {
  switch KIND {
    case 3u: { return select(sizes.p * v, v, v > 0.0); }
    case 6u: { return exp(v); }
    case 7u: { return log(v); }
    case 8u: { return sqrt(v); }
    case 9u: { return v * v; }
    case 10u: { return -v; }
    case 11u: { return sizes.p * v; }
    case 12u: { return v + sizes.p; }
    default: { return activate(KIND, v); }
  }
}

fn slope(v: f32) -> f32 {
  switch KIND {
    case 3u: { return select(sizes.p, 1.0, v > 0.0); }
    case 6u: { return exp(v); }
    case 7u: { return 1.0 / v; }
    case 8u: { return 0.5 / sqrt(v); }
    case 9u: { return 2.0 * v; }
    case 10u: { return -1.0; }
    case 11u: { return sizes.p; }
    case 12u: { return 1.0; }
    default: { return activate_grad(KIND, v); }
  }
}

@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count) { return; }
  y[i] = value(x[i]);
}

@compute @workgroup_size(256)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count) { return; }
  dx[i] = dy[i] * slope(x[i]);
}
