// y = x + s a, and s a alone (the gradient of a from that of y): s is the scale of a gate in the control block. One
// invocation makes one element.
//!include "lib/control.wgsl"
struct Sizes {
  count: u32,
  gate: u32, // 1 .. 15
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> control: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn element(group: vec3u, groups: vec3u, lane: u32) -> u32 {
  return (group.y * groups.x + group.x) * 256u + lane;
}

fn factor() -> f32 {
  return control_f32(GATE + 3u * (sizes.gate - 1u));
}

@compute @workgroup_size(256)
fn sum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
       @builtin(local_invocation_index) lane: u32) {
  let i = element(group, groups, lane);
  if (i < sizes.count) { y[i] = x[i] + factor() * a[i]; }
}

@compute @workgroup_size(256)
fn scale(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
         @builtin(local_invocation_index) lane: u32) {
  let i = element(group, groups, lane);
  if (i < sizes.count) { y[i] = factor() * a[i]; }
}
