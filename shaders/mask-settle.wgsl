// What a dormant weight leaves behind: a literal 0. A select and not a product, since NaN * 0 is NaN and -x * 0 is -0.
// One invocation an entry.
struct Sizes {
  count: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> age: array<u32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(256)
fn settle(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count) { return; }
  if ((age[i] & 0x7fffffffu) == 0u) { values[i] = 0.0; }
}
