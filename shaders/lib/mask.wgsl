// What the kernels of grow-and-prune share (grow-prune 1.1). An age is mask and update counter in one: 0 is dormant, bit 31
// alone says that the entry does not exist, else the low 31 bits are 1 + updates received and bit 31 says frozen. Work is
// handed out in tiles: one workgroup each, a stretch of one parameter that belongs to one group.
@group(0) @binding(1) var<storage, read> score: array<f32>;
@group(0) @binding(2) var<storage, read> age: array<u32>;
@group(0) @binding(3) var<storage, read> tiles: array<u32>; // [tiles, 3]: first entry, how many, group

const FROZEN = 0x80000000u;
const LANES = 256u;

struct Tile {
  first: u32,
  last: u32, // one past the end
  group: u32,
}

fn tile_of(group: vec3u) -> Tile {
  let at = 3u * group.x;
  return Tile(tiles[at], tiles[at] + tiles[at + 1u], tiles[at + 2u]);
}

fn alive(a: u32) -> bool {
  return (a & 0x7fffffffu) != 0u;
}

// Old enough to be dropped: active, not frozen, at least `grace` updates received.
fn droppable(a: u32, grace: u32) -> bool {
  return a != 0u && a < FROZEN && a - 1u >= grace;
}

// Bits of |score|: they order as the magnitudes do. Non-finite numbers are 0x7f800000 and above.
fn magnitude(i: u32) -> u32 {
  return bitcast<u32>(score[i]) & 0x7fffffffu;
}
