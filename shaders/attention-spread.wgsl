// attention.wgsl for devices with many cores: see lib/attention-spread.wgsl.
//!include "lib/attention-spread.wgsl"

@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>; // [B, T, heads, d]
@group(0) @binding(3) var<storage, read_write> p: array<f32>; // [B, heads, T, T]: query down, key across; 0 where unseen

const UNSEEN = -3e38; // far below any score, yet finite: inf - inf would be NaN

var<workgroup> map: array<f32, 2064>; // rows of [T, T]: 16 of 128 keys, 8 of 256, 4 of 512
var<workgroup> tops: array<f32, 128>;

@compute @workgroup_size(WG)
fn forward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let b = block_at(id.y * groups.x + id.x);
  if (b.window >= sizes.batch) { return; }
  let keys = key_count(b.first);
  let d4 = sizes.d / 4u;
  let scale = inverseSqrt(f32(sizes.d));
  let row = lane >> 3u;
  let part = lane & 7u;
  let query = b.first + row;

  // Scores: 4 queries and a key each time.
  for (var key = 0u; key < keys; key += PIECE) {
    var s = vec4<f32>();
    for (var c = 0u; c < d4; c += PIECE4) {
      workgroupBarrier();
      own[lane] = qkv_piece(b, QUERY, query, c + part);
      read_others(b, KEY, key, c, lane);
      workgroupBarrier();
      s = products(s, lane);
    }
    let k = key + (lane & 31u);
    for (var r = 0u; r < 4u; r++) {
      let q = (lane >> 5u) * 4u + r;
      let seen = k < select(sizes.time, min(b.first + q + 1u, sizes.time), sizes.causal == 1u);
      map[q * pitch() + k] = select(UNSEEN, s[r] * scale, seen);
    }
  }
  workgroupBarrier();

  // Softmax. Eight neighbours have a row: of its keys each takes every eighth, but the sum goes from first to last.
  let begin = row * pitch();
  let end = begin + (keys + PIECE - 1u) / PIECE * PIECE;
  var top = UNSEEN;
  for (var i = begin + part; i < end; i += 8u) { top = max(top, map[i]); }
  tops[lane] = top;
  workgroupBarrier();
  for (var j = 0u; j < 8u; j++) { top = max(top, tops[row * 8u + j]); }
  for (var i = begin + part; i < end; i += 8u) { map[i] = exp(map[i] - top); }
  workgroupBarrier();
  var sum = 0.0;
  for (var i = begin; i < end; i += 8u) {
    let a = vec4<f32>(map[i], map[i + 1u], map[i + 2u], map[i + 3u]);
    let e = vec4<f32>(map[i + 4u], map[i + 5u], map[i + 6u], map[i + 7u]);
    sum = (((sum + a.x) + a.y) + a.z) + a.w;
    sum = (((sum + e.x) + e.y) + e.z) + e.w;
  }
  workgroupBarrier();
  for (var i = begin + part; i < end; i += 8u) { map[i] = map[i] / sum; }
  if (query < sizes.time) {
    let line = map_at(b, query);
    for (var key = part; key < sizes.time; key += 8u) {
      p[line + key] = select(0.0, map[begin + key], begin + key < end);
    }
  }

  // y: 4 columns of a query each time.
  for (var c = 0u; c < d4; c += PIECE4) {
    var out = vec4<f32>();
    for (var key = 0u; key < keys; key += PIECE) {
      workgroupBarrier();
      read_others(b, VALUE, key, c, lane);
      workgroupBarrier();
      for (var k = 0u; k < PIECE; k++) { out += others[k * PITCH + part] * map[begin + key + k]; }
    }
    if (query < sizes.time && c + part < d4) { y[out_at(b, query) + c + part] = out; }
  }
}
