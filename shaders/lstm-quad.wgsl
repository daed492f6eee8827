enable subgroups;
// lstm.wgsl by quads: see lib/lstm-loop-quad.wgsl.
//!include "lib/lstm-projected.wgsl"
//!include "lib/lstm-loop-quad.wgsl"

@compute @workgroup_size(WG)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>,
           @builtin(subgroup_invocation_id) lane: u32) {
  walk(group.x * 8u, l, lane);
}
