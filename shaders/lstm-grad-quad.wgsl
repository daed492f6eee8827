enable subgroups;
// lstm-grad.wgsl by quads, as lib/lstm-loop-quad.wgsl: one workgroup takes 8 rows of the batch; a quad owns 16 cells, each lane 8
// of them for 4 of the rows. The X neighbour has the same cells, the Y neighbour the same rows, and a lane's own half comes
// first: slot i is cell first + (i ^ 4 x), slot r is row 4 x + (r ^ 2 y). The gradients of the gates are told through dpre.
// The order of addition is that of lstm-grad.wgsl. H is a multiple of 4.
//!include "lib/lstm-back.wgsl"
//!include "lib/lstm-fed.wgsl"

@group(0) @binding(4) var<storage, read> w: array<vec4<f32>>; // [4, H, H]: row u reads column v

override WG = 32u; // at least a quarter of the cells

@compute @workgroup_size(WG)
fn backward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>,
            @builtin(subgroup_invocation_id) lane: u32) {
  let size = sizes.hidden;
  let x = lane & 1u;
  let y = (lane >> 1u) & 1u;
  let first = (l >> 2u) * 16u + y * 8u;
  let own = min(first + 4u * x, size - 4u) / 4u;
  let row = group.x * 8u + 4u * x;
  var d = array<mat4x4<f32>, 2>(); // of h, from the step after: the own four cells, the neighbour's
  var dc = array<vec4<f32>, 8>();
  for (var back = 1u; back <= sizes.time; back++) {
    let t = sizes.time - back;
    // A loop, since what is written out is compiled as often.
    for (var i = 0u; i < 32u; i++) {
      let slot = i >> 2u;
      let r = i & 3u;
      let u = first + (slot ^ (4u * x));
      let there = select(NOWHERE, row + (r ^ (2u * y)), u < size);
      dc[slot][r] = retreat(there, t, min(u, size - 1u), d[slot >> 2u][slot & 3u][r], dc[slot][r]).dc;
    }
    storageBarrier();
    let last = sizes.batch - 1u;
    let p0 = (min(row + 2u * y, last) * sizes.time + t) * 4u * size;
    let p1 = (min(row + 2u * y + 1u, last) * sizes.time + t) * 4u * size;
    var mine = mat4x4<f32>();
    var theirs = mat4x4<f32>();
    for (var k = 0u; k < size; k++) {
      let t0 = vec2<f32>(dpre[p0 + k], dpre[p1 + k]);
      let t1 = vec2<f32>(dpre[p0 + size + k], dpre[p1 + size + k]);
      let t2 = vec2<f32>(dpre[p0 + 2u * size + k], dpre[p1 + 2u * size + k]);
      let t3 = vec2<f32>(dpre[p0 + 3u * size + k], dpre[p1 + 3u * size + k]);
      let at = k * (size / 4u) + own;
      let gate = size * (size / 4u);
      let w0 = w[at];
      let w1 = w[at + gate];
      let w2 = w[at + 2u * gate];
      let w3 = w[at + 3u * gate];
      let b0 = vec4<f32>(t0, quadSwapY(t0));
      let b1 = vec4<f32>(t1, quadSwapY(t1));
      let b2 = vec4<f32>(t2, quadSwapY(t2));
      let b3 = vec4<f32>(t3, quadSwapY(t3));
      mine = fed(fed(fed(fed(mine, w0, b0), w1, b1), w2, b2), w3, b3);
      theirs = fed(fed(fed(fed(theirs, quadSwapX(w0), b0), quadSwapX(w1), b1), quadSwapX(w2), b2), quadSwapX(w3), b3);
    }
    d[0] = mine;
    d[1] = theirs;
  }
  if (STATE == 0u) { return; }
  for (var i = 0u; i < 32u; i++) {
    let slot = i >> 2u;
    let u = first + (slot ^ (4u * x));
    let r = row + ((i & 3u) ^ (2u * y));
    if (u >= size || r >= sizes.batch) { continue; }
    dh0[r * size + u] = d[slot >> 2u][slot & 3u][i & 3u];
    dc0[r * size + u] = dc[slot][i & 3u];
  }
}
