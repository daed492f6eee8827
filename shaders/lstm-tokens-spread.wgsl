// lstm-tokens.wgsl for devices with many cores: see lib/lstm-loop-spread.wgsl.
//!include "lib/lstm-loop-spread.wgsl"
//!include "lib/lstm-symbols.wgsl"

@compute @workgroup_size(WG)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  if (group.x == sizes.groups) {
    write_lists(l);
    return;
  }
  walk(group.x, l);
}
