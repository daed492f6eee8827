// What the passes of attention by quads share. Four neighbouring invocations hold 4 tokens each, 16 of one head of one window
// side by side; of the tokens on the other side each reads a quarter and all get it by quadBroadcast, where by attention-tile.wgsl
// all read the same. A read costs a processor more than the multiply-adds it feeds. The order of addition is the same.
// T and d are multiples of 4. A workgroup is one quad, so whatever follows from its number is uniform.
//!include "lib/matmul-chain.wgsl"
//!include "lib/attention-sizes.wgsl"

@group(0) @binding(1) var<storage, read> qkv4: array<vec4<f32>>; // [B, T, 3, heads, d]

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

// Row `which` of 16 keys from `key` times the 4 rows that begin at `rows` in what the pass holds (`row4`), along d. Column r of
// tile i: row r and keys 4 i .. 4 i + 3.
fn along_d(h: Head, which: u32, key: u32, lane: u32, rows: vec4<u32>) -> array<mat4x4<f32>, 4> {
  let last = sizes.time - 1u;
  let k0 = qkv_at(h, which, min(key + lane, last));
  let k1 = qkv_at(h, which, min(key + lane + 4u, last));
  let k2 = qkv_at(h, which, min(key + lane + 8u, last));
  let k3 = qkv_at(h, which, min(key + lane + 12u, last));
  var s = array<mat4x4<f32>, 4>();
  for (var c = 0u; c < sizes.d / 4u; c++) {
    let a = mat4x4<f32>(row4(rows.x + c), row4(rows.y + c), row4(rows.z + c), row4(rows.w + c));
    s = array<mat4x4<f32>, 4>(
      added(s[0], transpose(shared_by(qkv4[k0 + c])), a), added(s[1], transpose(shared_by(qkv4[k1 + c])), a),
      added(s[2], transpose(shared_by(qkv4[k2 + c])), a), added(s[3], transpose(shared_by(qkv4[k3 + c])), a));
  }
  return s;
}
