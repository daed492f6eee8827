// attention-grad.wgsl for devices with many cores: see lib/attention-spread.wgsl.
//!include "lib/attention-spread.wgsl"

@group(0) @binding(2) var<storage, read> dy4: array<vec4<f32>>; // [B, T, heads, d]
@group(0) @binding(3) var<storage, read> p: array<f32>; // [B, heads, T, T]
@group(0) @binding(4) var<storage, read_write> ds: array<f32>; // as p
@group(0) @binding(5) var<storage, read> slopes: array<f32>; // dS, as `backward_key` reads it
@group(0) @binding(6) var<storage, read_write> dqkv: array<vec4<f32>>; // [B, T, 3, heads, d]

fn dy_piece(b: Block, token: u32, c: u32) -> vec4<f32> {
  if (token >= sizes.time || c >= sizes.d / 4u) { return vec4<f32>(); }
  return dy4[out_at(b, token) + c];
}

// Rows of [T, T], of P and of dP: 16 of 64 keys, 8 of 128, 4 of 256. The second becomes dS.
var<workgroup> shares: array<f32, 1040>;
var<workgroup> map: array<f32, 1040>;

@compute @workgroup_size(WG)
fn backward_query(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                  @builtin(local_invocation_index) lane: u32) {
  let b = block_at(id.y * groups.x + id.x);
  if (b.window >= sizes.batch) { return; }
  let keys = key_count(b.first);
  let d4 = sizes.d / 4u;
  let scale = inverseSqrt(f32(sizes.d));
  let row = lane >> 3u;
  let part = lane & 7u;
  let query = b.first + row;
  let line = map_at(b, min(query, sizes.time - 1u));
  let begin = row * pitch();
  let end = begin + (keys + PIECE - 1u) / PIECE * PIECE;

  for (var i = begin + part; i < end; i += 8u) {
    let key = i - begin;
    shares[i] = select(0.0, p[line + min(key, sizes.time - 1u)], key < keys);
  }

  // dP: 4 queries and a key each time.
  for (var key = 0u; key < keys; key += PIECE) {
    var s = vec4<f32>();
    for (var c = 0u; c < d4; c += PIECE4) {
      workgroupBarrier();
      own[lane] = dy_piece(b, query, c + part);
      read_others(b, VALUE, key, c, lane);
      workgroupBarrier();
      s = products(s, lane);
    }
    let at = (lane >> 5u) * 4u * pitch() + key + (lane & 31u);
    for (var r = 0u; r < 4u; r++) { map[at + r * pitch()] = s[r]; }
  }
  workgroupBarrier();

  // Its mean under P, which all eight that have the row add up from first to last; then dS.
  var mean = 0.0;
  for (var i = begin; i < end; i += 4u) {
    let a = vec4<f32>(shares[i], shares[i + 1u], shares[i + 2u], shares[i + 3u]);
    let v = vec4<f32>(map[i], map[i + 1u], map[i + 2u], map[i + 3u]);
    mean = (((mean + a.x * v.x) + a.y * v.y) + a.z * v.z) + a.w * v.w;
  }
  workgroupBarrier();
  for (var i = begin + part; i < end; i += 8u) {
    let slope = shares[i] * (map[i] - mean) * scale;
    map[i] = slope;
    if (query < sizes.time && i - begin < keys) { ds[line + i - begin] = slope; }
  }

  // dQ: 4 columns of a query each time.
  for (var c = 0u; c < d4; c += PIECE4) {
    var out = vec4<f32>();
    for (var key = 0u; key < keys; key += PIECE) {
      workgroupBarrier();
      read_others(b, KEY, key, c, lane);
      workgroupBarrier();
      for (var k = 0u; k < PIECE; k++) { out += others[k * PITCH + part] * map[begin + key + k]; }
    }
    if (query < sizes.time && c + part < d4) { dqkv[qkv_at(b, QUERY, query) + c + part] = out; }
  }
}

// dS and P of the queries of a piece, down, and the keys of this workgroup, across; and dy of the piece.
var<workgroup> piece_slopes: array<f32, 512>;
var<workgroup> piece_shares: array<f32, 512>;
var<workgroup> piece_dy: array<vec4<f32>, 256>;

// 4 columns of a key an invocation, and 32 columns a workgroup. In causal attention the queries before a key saw none of it.
@compute @workgroup_size(WG)
fn backward_key(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                @builtin(local_invocation_index) lane: u32) {
  let tokens = WG / 8u;
  let d4 = sizes.d / 4u;
  let parts = (d4 + PIECE4 - 1u) / PIECE4;
  let item = id.y * groups.x + id.x;
  let b = block_at(item / parts);
  if (b.window >= sizes.batch) { return; }
  let c = item % parts * PIECE4;
  let mine = lane >> 3u;
  let part = lane & 7u;
  var dk = vec4<f32>();
  var dv = vec4<f32>();
  for (var first = select(0u, b.first, sizes.causal == 1u); first < sizes.time; first += PIECE) {
    workgroupBarrier();
    read_others(b, QUERY, first, c, lane);
    for (var i = lane; i < PIECE * PIECE4; i += WG) { piece_dy[i] = dy_piece(b, first + (i >> 3u), c + (i & 7u)); }
    for (var i = lane; i < PIECE * tokens; i += WG) {
      let query = first + i / tokens;
      let key = b.first + i % tokens;
      let seen = query < sizes.time && key < select(sizes.time, query + 1u, sizes.causal == 1u);
      let at = map_at(b, min(query, sizes.time - 1u)) + min(key, sizes.time - 1u);
      piece_slopes[i] = select(0.0, slopes[at], seen);
      piece_shares[i] = select(0.0, p[at], seen);
    }
    workgroupBarrier();
    for (var q = 0u; q < PIECE; q++) {
      dk += others[q * PITCH + part] * piece_slopes[q * tokens + mine];
      dv += piece_dy[q * PIECE4 + part] * piece_shares[q * tokens + mine];
    }
  }
  let key = b.first + mine;
  if (key < sizes.time && c + part < d4) {
    dqkv[qkv_at(b, KEY, key) + c + part] = dk;
    dqkv[qkv_at(b, VALUE, key) + c + part] = dv;
  }
}
