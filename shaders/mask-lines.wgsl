// Active entries along one axis: ages seen as [outer, length, inner] are counted over the middle. An output neuron's
// fan-in and an input's fan-out, without reading the matrix back.
struct Sizes {
  outer: u32,
  length: u32,
  inner: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> age: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>; // [outer, inner]

// inner > 1: an invocation a line, so that neighbours read neighbouring entries.
@compute @workgroup_size(64)
fn columns(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let line = (group.y * groups.x + group.x) * 64u + lane;
  if (line >= sizes.outer * sizes.inner) { return; }
  let o = line / sizes.inner;
  let c = line - o * sizes.inner;
  var n = 0u;
  for (var r = 0u; r < sizes.length; r++) {
    n += select(0u, 1u, (age[(o * sizes.length + r) * sizes.inner + c] & 0x7fffffffu) != 0u);
  }
  counts[line] = n;
}

var<workgroup> found: atomic<u32>;

// inner = 1: a workgroup a line.
@compute @workgroup_size(64)
fn rows(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let line = group.y * groups.x + group.x;
  if (lane == 0u) { atomicStore(&found, 0u); }
  workgroupBarrier();
  var n = 0u;
  if (line < sizes.outer) {
    for (var r = lane; r < sizes.length; r += 64u) {
      n += select(0u, 1u, (age[line * sizes.length + r] & 0x7fffffffu) != 0u);
    }
  }
  atomicAdd(&found, n);
  workgroupBarrier();
  if (lane == 0u && line < sizes.outer) { counts[line] = atomicLoad(&found); }
}
