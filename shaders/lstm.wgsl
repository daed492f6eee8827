// An LSTM whose inputs have been projected: see lib/lstm-loop.wgsl.
//!include "lib/lstm-projected.wgsl"
//!include "lib/lstm-loop.wgsl"

@group(0) @binding(2) var<storage, read> w: array<f32>; // [4, H, H]: row u reads column v
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

@compute @workgroup_size(WG)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  walk(group.x * 4u, l);
}
