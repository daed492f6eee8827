// What the passes of attention by quads share. Four neighbouring invocations hold 4 tokens each, 16 of one head of one window
// side by side; of the tokens on the other side each reads a quarter and all get it by quadBroadcast, where by attention-tile.wgsl
// all read the same. A read costs a processor more than the multiply-adds it feeds. The order of addition is the same.
// T and d are multiples of 4. A workgroup is one quad, so whatever follows from its number is uniform.
//!include "lib/matmul-chain.wgsl"

struct Sizes {
  batch: u32,
  time: u32,
  heads: u32,
  d: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> qkv4: array<vec4<f32>>; // [B, T, 3, heads, d]

override CAUSAL = 0u;

const QUERY = 0u;
const KEY = 1u;
const VALUE = 2u;
const NEXT = vec4<u32>(0u, 1u, 2u, 3u);

// All of it counts vec4s, but for `tile`.
struct Head {
  window: u32,
  tile: u32, // of 16 tokens
  qkv: u32, // first token's query
  out: u32, // first token in [B, T, heads, d]
  map: u32, // first row of [T, T]
}

fn head_at(i: u32) -> Head {
  let tiles = (sizes.time + 15u) / 16u;
  let head = i / tiles % sizes.heads;
  let window = i / tiles / sizes.heads;
  let d4 = sizes.d / 4u;
  let out = (window * sizes.time * sizes.heads + head) * d4;
  let qkv = (window * sizes.time * 3u * sizes.heads + head) * d4;
  return Head(window, i % tiles, qkv, out, (window * sizes.heads + head) * sizes.time * (sizes.time / 4u));
}

// From a token to the next, in [B, T, heads, d]; three times that in qkv.
fn stride() -> u32 { return sizes.heads * (sizes.d / 4u); }

fn qkv_at(h: Head, which: u32, token: u32) -> u32 {
  return h.qkv + (token * 3u + which) * stride();
}

// A lane's 4 tokens from `first`; past the end the last ones again, and nothing of them is written.
fn four(first: u32) -> vec4<u32> {
  return vec4<u32>(min(first, sizes.time - 4u)) + NEXT;
}

// Keys that the queries of a tile see, all together.
fn key_count(tile: u32) -> u32 {
  return select(sizes.time, min(tile * 16u + 16u, sizes.time), CAUSAL == 1u);
}

// Column l: what lane l has.
fn shared_by(v: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(quadBroadcast(v, 0u), quadBroadcast(v, 1u), quadBroadcast(v, 2u), quadBroadcast(v, 3u));
}
