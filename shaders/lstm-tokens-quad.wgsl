enable subgroups;
// lstm-tokens.wgsl by quads: see lib/lstm-loop-quad.wgsl.
//!include "lib/lstm-loop-quad.wgsl"
//!include "lib/lstm-symbols.wgsl"

@compute @workgroup_size(WG)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>,
           @builtin(subgroup_invocation_id) lane: u32) {
  if (group.x == sizes.groups) {
    write_lists(l);
    return;
  }
  walk(group.x * 8u, l, lane);
}
