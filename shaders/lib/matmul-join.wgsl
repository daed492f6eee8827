// A long sum cut into SPLITS parts within one workgroup: invocation (x, y, z) holds part z of tile (x, y). Halves are added
// to halves, so the order of addition depends on SPLITS alone, and no part ever leaves the workgroup.
// A workgroup has at most 32 invocations: half of them tell the other half 18 vec4s each.
override SPLITS = 1u; // a power of two

var<workgroup> told: array<vec4<f32>, 288>;

// Every invocation must arrive; those of part 0 get the sum.
fn joined(own: Tile, tile: u32, tiles: u32, part: u32) -> Tile {
  var t = own;
  for (var half = SPLITS / 2u; half > 0u; half >>= 1u) {
    let at = (tile + tiles * (part % half)) * 18u;
    if (part >= half && part < 2u * half) {
      for (var i = 0u; i < 4u; i++) {
        told[at + i] = t.c00[i];
        told[at + 4u + i] = t.c01[i];
        told[at + 8u + i] = t.c10[i];
        told[at + 12u + i] = t.c11[i];
      }
      told[at + 16u] = t.s0;
      told[at + 17u] = t.s1;
    }
    workgroupBarrier();
    if (part < half) {
      t.c00 += mat4x4<f32>(told[at], told[at + 1u], told[at + 2u], told[at + 3u]);
      t.c01 += mat4x4<f32>(told[at + 4u], told[at + 5u], told[at + 6u], told[at + 7u]);
      t.c10 += mat4x4<f32>(told[at + 8u], told[at + 9u], told[at + 10u], told[at + 11u]);
      t.c11 += mat4x4<f32>(told[at + 12u], told[at + 13u], told[at + 14u], told[at + 15u]);
      t.s0 += told[at + 16u];
      t.s1 += told[at + 17u];
    }
    workgroupBarrier();
  }
  return t;
}
