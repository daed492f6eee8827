// What the passes of attention share: qkv, and 4 x 4 tiles of tokens. An invocation works alone, on 4 tokens of one head of
// one window; its neighbours take the next tokens of the same head, so that they read the same rows together. Rows of
// [T, T] that it needs twice go through storage. No workgroup memory: on a software adapter the barriers of the softmax
// cost ten times its arithmetic. A row of d values is read as vec4s where d is a multiple of 4 (VEC).
//!include "lib/matmul-chain.wgsl"
//!include "lib/attention-sizes.wgsl"

@group(0) @binding(1) var<storage, read> qkv: array<f32>; // [B, T, 3, heads, d]
@group(0) @binding(2) var<storage, read> qkv4: array<vec4<f32>>;

override VEC = 0u;

struct Place {
  first: u32, // of the 4 tokens
  head: u32,
  window: u32,
}

// Item number i of [B, heads, tiles of 4 tokens].
fn place_of(i: u32) -> Place {
  let tiles = (sizes.time + 3u) / 4u;
  return Place(i % tiles * 4u, i / tiles % sizes.heads, i / tiles / sizes.heads);
}

// Where the rows of 4 tokens begin: their queries, keys or values in qkv; the same in [B, T, heads, d]; in [T, T].
fn qkv_at(p: Place, which: u32, tokens: vec4<u32>) -> vec4<u32> {
  return (((p.window * sizes.time + tokens) * 3u + which) * sizes.heads + p.head) * sizes.d;
}

fn out_at(p: Place, tokens: vec4<u32>) -> vec4<u32> {
  return ((p.window * sizes.time + tokens) * sizes.heads + p.head) * sizes.d;
}

fn map_at(p: Place, queries: vec4<u32>) -> vec4<u32> {
  return ((p.window * sizes.heads + p.head) * sizes.time + queries) * sizes.time;
}

// The 4 tokens from `first`; past the end, the last one again.
fn four(first: u32) -> vec4<u32> {
  return min(vec4<u32>(first) + NEXT, vec4<u32>(sizes.time - 1u));
}

// Columns c .. c + 3 of the row that begins at `at`; zero from column d on.
fn quad(at: u32, c: u32) -> vec4<f32> {
  if (VEC == 1u) { return qkv4[(at + c) >> 2u]; }
  let i = vec4<u32>(at) + min(vec4<u32>(c) + NEXT, vec4<u32>(sizes.d - 1u));
  let v = vec4<f32>(qkv[i.x], qkv[i.y], qkv[i.z], qkv[i.w]);
  return select(vec4<f32>(0.0), v, vec4<u32>(c) + NEXT < vec4<u32>(sizes.d));
}

// The same columns of 4 rows, as columns of a matrix.
fn quads(rows: vec4<u32>, c: u32) -> mat4x4<f32> {
  return mat4x4<f32>(quad(rows.x, c), quad(rows.y, c), quad(rows.z, c), quad(rows.w, c));
}

// Keys that the 4 queries from `first` see, all together.
fn key_count(first: u32) -> u32 {
  return select(sizes.time, min(first + 4u, sizes.time), CAUSAL == 1u);
}

// Column r is v times weight r.
fn outer(v: vec4<f32>, weights: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(v * weights.x, v * weights.y, v * weights.z, v * weights.w);
}
