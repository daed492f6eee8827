// What the passes of attention share where they are spread out, for devices with many cores. Eight invocations a token: a
// workgroup takes WG / 8 tokens of one head of one window. Whatever it needs of the tokens on the other side it reads in pieces
// of 32 tokens by 32 columns, neighbours together, and keeps in workgroup memory. Rows of [T, T] stay there, too, until they
// are done. The order of addition is that of attention-tile.wgsl. d is a multiple of 4.

struct Sizes {
  batch: u32,
  time: u32,
  heads: u32,
  d: u32,
  causal: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> qkv4: array<vec4<f32>>; // [B, T, 3, heads, d]

override WG = 128u; // at most

const QUERY = 0u;
const KEY = 1u;
const VALUE = 2u;
const PIECE = 32u; // tokens, and columns
const PIECE4 = 8u; // columns as vec4s
const PITCH = 9u; // vec4s from a token of a piece to the next: eight that are read together lie in all the banks

var<workgroup> others: array<vec4<f32>, 288>; // 32 x 32, of the other side
var<workgroup> own: array<vec4<f32>, 128>; // WG / 8 x 32, of the tokens this workgroup has

struct Block {
  window: u32,
  head: u32,
  first: u32, // token
}

// Block number i of [B, heads, blocks of WG / 8 tokens].
fn block_at(i: u32) -> Block {
  let tokens = WG / 8u;
  let blocks = (sizes.time + tokens - 1u) / tokens;
  return Block(i / blocks / sizes.heads, i / blocks % sizes.heads, i % blocks * tokens);
}

// Where a token's row begins, in vec4s: in qkv; in [B, T, heads, d]. In floats: in [T, T].
fn qkv_at(b: Block, which: u32, token: u32) -> u32 {
  return (((b.window * sizes.time + token) * 3u + which) * sizes.heads + b.head) * (sizes.d / 4u);
}

fn out_at(b: Block, token: u32) -> u32 {
  return ((b.window * sizes.time + token) * sizes.heads + b.head) * (sizes.d / 4u);
}

fn map_at(b: Block, token: u32) -> u32 {
  return ((b.window * sizes.heads + b.head) * sizes.time + token) * sizes.time;
}

// Zero past the last token and the last column: that changes no sum.
fn qkv_piece(b: Block, which: u32, token: u32, c: u32) -> vec4<f32> {
  if (token >= sizes.time || c >= sizes.d / 4u) { return vec4<f32>(); }
  return qkv4[qkv_at(b, which, token) + c];
}

fn read_others(b: Block, which: u32, first: u32, c: u32, lane: u32) {
  for (var i = lane; i < PIECE * PIECE4; i += WG) {
    others[(i >> 3u) * PITCH + (i & 7u)] = qkv_piece(b, which, first + (i >> 3u), c + (i & 7u));
  }
}

// Keys that the queries of a block see, all together.
fn key_count(first: u32) -> u32 {
  return select(sizes.time, min(first + WG / 8u, sizes.time), sizes.causal == 1u);
}

// From a row of [T, T] in workgroup memory to the next: whole pieces, and one more for the sake of the banks.
fn pitch() -> u32 {
  return (sizes.time + PIECE - 1u) / PIECE * PIECE + 1u;
}

fn dot_chain(sum: f32, a: vec4<f32>, b: vec4<f32>) -> f32 {
  return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

// Products of 4 own tokens with one of the piece, 32 more columns of them. 32 neighbours have the same 4.
fn products(sums: vec4<f32>, lane: u32) -> vec4<f32> {
  var s = sums;
  let other = (lane & 31u) * PITCH;
  let mine = (lane >> 5u) * (4u * PIECE4);
  for (var c = 0u; c < PIECE4; c++) {
    let v = others[other + c];
    s = vec4<f32>(
      dot_chain(s.x, own[mine + c], v), dot_chain(s.y, own[mine + PIECE4 + c], v),
      dot_chain(s.z, own[mine + 2u * PIECE4 + c], v), dot_chain(s.w, own[mine + 3u * PIECE4 + c], v));
  }
  return s;
}
