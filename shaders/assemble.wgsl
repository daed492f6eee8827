// An arena gathered out of three tensors, or taken apart into them: one invocation an element of the arena. Its segment is
// found by the table of blocks, and walked by four lengths and strides.
struct Sizes {
  count: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> blocks: array<u32>; // [P / 64]
@group(0) @binding(2) var<storage, read> segments: array<u32>; // [n, 12]
@group(0) @binding(3) var<storage, read_write> arena: array<f32>; // [P]
@group(0) @binding(4) var<storage, read> a: array<f32>;
@group(0) @binding(5) var<storage, read> b: array<f32>;
@group(0) @binding(6) var<storage, read> c: array<f32>;
@group(0) @binding(7) var<storage, read> grads: array<f32>; // [P]
@group(0) @binding(8) var<storage, read_write> da: array<f32>;
@group(0) @binding(9) var<storage, read_write> db: array<f32>;
@group(0) @binding(10) var<storage, read_write> dc: array<f32>;

const SKIPPED = 0xffffffffu;

// (source, element there); source SKIPPED: nothing stands here.
fn place(i: u32) -> vec2u {
  if (i >= sizes.count) { return vec2u(SKIPPED, 0u); }
  let block = blocks[i / 64u];
  if (block == SKIPPED) { return vec2u(SKIPPED, 0u); }
  let at = 12u * block;
  var e = i - segments[at + 10u];
  if (e >= segments[at + 11u]) { return vec2u(SKIPPED, 0u); }
  var place_in = segments[at + 1u];
  for (var d = 4u; d > 0u; d--) {
    let length = segments[at + 1u + d];
    place_in += (e % length) * segments[at + 5u + d];
    e /= length;
  }
  return vec2u(segments[at], place_in);
}

@compute @workgroup_size(256)
fn gather(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  let source = place(i);
  if (source.x == 0u) { arena[i] = a[source.y]; }
  if (source.x == 1u) { arena[i] = b[source.y]; }
  if (source.x == 2u) { arena[i] = c[source.y]; }
}

@compute @workgroup_size(256)
fn scatter(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  let into = place(i);
  if (into.x == 0u) { da[into.y] = grads[i]; }
  if (into.x == 1u) { db[into.y] = grads[i]; }
  if (into.x == 2u) { dc[into.y] = grads[i]; }
}
