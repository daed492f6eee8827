// An LSTM whose inputs have been projected: see lib/lstm-loop.wgsl.
// Before the include, which has an array as long as an override says: naga (29) panics when another override is declared
// after such an array, and takes Deno or Firefox's GPU process with it.
override STATE = 0u; // h0 and c0 are given

//!include "lib/lstm-loop.wgsl"

struct Sizes {
  batch: u32,
  time: u32,
  hidden: u32, // at most 512
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> xproj: array<f32>; // [B, T, 4, H], x Wx' + b
@group(0) @binding(2) var<storage, read> w: array<f32>; // [4, H, H]: row u reads column v
@group(0) @binding(4) var<storage, read> h0: array<f32>; // [B, H]
@group(0) @binding(5) var<storage, read> c0: array<f32>;
@group(0) @binding(9) var<storage, read_write> wt_out: array<vec4<f32>>;

// One invocation: the weights from cell v to cell u. Side by side for the cells that read them together.
@compute @workgroup_size(256)
fn transpose_weight(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = id.y * groups.x * 256u + id.x;
  let size = sizes.hidden * sizes.hidden;
  if (at >= size) { return; }
  let from_uv = (at % sizes.hidden) * sizes.hidden + at / sizes.hidden;
  wt_out[at] = vec4<f32>(w[from_uv], w[size + from_uv], w[2u * size + from_uv], w[3u * size + from_uv]);
}

fn initial(row: u32, u: u32) -> vec2<f32> {
  if (STATE == 0u) { return vec2<f32>(0.0); }
  return vec2<f32>(h0[row * sizes.hidden + u], c0[row * sizes.hidden + u]);
}

fn given(row: u32, t: u32, u: u32) -> vec4<f32> {
  let at = (row * sizes.time + t) * 4u * sizes.hidden + u;
  return vec4<f32>(
    xproj[at], xproj[at + sizes.hidden], xproj[at + 2u * sizes.hidden], xproj[at + 3u * sizes.hidden]);
}

@compute @workgroup_size(WG)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  walk(group.x * 4u, l);
}
