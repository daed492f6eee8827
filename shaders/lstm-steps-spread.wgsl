// lstm-steps.wgsl for devices with many cores. A workgroup: 64 cells of one row; an invocation: one cell. The bits are
// those of lstm-steps.wgsl.
override STATE = 0u; // h0 and c0 are given

struct Sizes {
  batch: u32,
  time: u32,
  hidden: u32,
  t: u32, // the step
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> xproj: array<f32>; // [B, T, 4, H], x Wx' + b
@group(0) @binding(4) var<storage, read> h0: array<f32>; // [B, H]
@group(0) @binding(5) var<storage, read> c0: array<f32>;
//!include "lib/lstm-given.wgsl"
//!include "lib/lstm-cell.wgsl"

var<workgroup> told: array<f32, 64>; // h of 64 cells
//!include "lib/lstm-eight.wgsl"

fn before(row: u32, u: u32) -> vec2<f32> {
  if (sizes.t == 0u) { return initial(row, u); }
  let at = (row * sizes.time + sizes.t) * sizes.hidden + u;
  return vec2<f32>(h_before[at], c[at - sizes.hidden]);
}

@compute @workgroup_size(64)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let size = sizes.hidden;
  let own = group.x * 64u + l;
  let u = min(own, size - 1u);
  let row = group.y;
  var sum = vec4<f32>();
  for (var first = 0u; first < size; first += 64u) {
    told[l] = before(row, min(first + l, size - 1u)).x;
    workgroupBarrier();
    let count = min(64u, size - first);
    var k = 0u;
    for (; k + 8u <= count; k += 8u) { sum = eight(sum, k, (first + k) * size + u); }
    for (; k < count; k++) { sum = fma(vec4<f32>(told[k]), wt[(first + k) * size + u], sum); }
    workgroupBarrier();
  }
  _ = advance(select(NOWHERE, row, own < size), sizes.t, u, sum, before(row, u).y);
}
