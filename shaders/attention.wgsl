// Attention of every head of every window: P = softmax(Q K' / sqrt(d)), y = P V. P is kept, for the gradient and to be
// looked at. One invocation: 4 queries of one head of one window.
//!include "lib/attention-tile.wgsl"

@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [B, T, heads, d]
@group(0) @binding(4) var<storage, read_write> p: array<f32>; // [B, heads, T, T]: query down, key across; 0 where unseen

const UNSEEN = -3e38; // far below any score, yet finite: inf - inf would be NaN

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = place_of(id.y * groups.x * 64u + id.x);
  if (at.window >= sizes.batch) { return; }
  let first = at.first;
  let keys = key_count(first);
  let rows = min(4u, sizes.time - first); // rows past the end are computed and not written
  let scale = inverseSqrt(f32(sizes.d));
  let queries = qkv_at(at, QUERY, four(first));
  var row = map_at(at, four(first));

  // Scores, and the highest of each query.
  var top = vec4<f32>(UNSEEN);
  for (var key = 0u; key < keys; key += 4u) {
    let k = qkv_at(at, KEY, four(key));
    var s = mat4x4<f32>(); // column r: query r and the 4 keys
    for (var c = 0u; c < sizes.d; c += 4u) { s = added(s, transpose(quads(k, c)), quads(queries, c)); }
    var scores = s;
    for (var r = 0u; r < rows; r++) {
      let seen = vec4<u32>(key) + NEXT < vec4<u32>(select(keys, first + r + 1u, CAUSAL == 1u));
      let score = select(vec4<f32>(UNSEEN), scores[r] * scale, seen);
      for (var j = 0u; j < 4u && key + j < keys; j++) { p[row[r] + key + j] = score[j]; }
      top[r] = max(top[r], max(max(score.x, score.y), max(score.z, score.w)));
    }
  }

  for (var r = 0u; r < rows; r++) {
    let begin = row[r];
    let highest = top[r];
    var sum = 0.0;
    for (var key = 0u; key < keys; key++) {
      let e = exp(p[begin + key] - highest);
      p[begin + key] = e;
      sum += e;
    }
    for (var key = 0u; key < keys; key++) { p[begin + key] = p[begin + key] / sum; }
    for (var key = keys; key < sizes.time; key++) { p[begin + key] = 0.0; }
  }

  let stride = 3u * sizes.heads * sizes.d;
  let values = qkv_at(at, VALUE, vec4<u32>(0u)).x;
  let r4 = map_at(at, four(first));
  for (var c = 0u; c < sizes.d; c += 8u) {
    var low = mat4x4<f32>(); // column r: columns c .. c + 3 of query r
    var high = mat4x4<f32>();
    let c4 = select(c, c + 4u, c + 4u < sizes.d);
    for (var key = 0u; key < keys; key++) {
      let share = vec4<f32>(p[r4.x + key], p[r4.y + key], p[r4.z + key], p[r4.w + key]);
      low += outer(quad(values + key * stride, c), share);
      high += outer(quad(values + key * stride, c4), share);
    }
    var out = out_at(at, four(first));
    for (var r = 0u; r < rows; r++) {
      for (var j = 0u; j < 8u && c + j < sizes.d; j++) {
        y[out[r] + c + j] = select(low[r][j & 3u], high[r][j & 3u], j > 3u);
      }
    }
  }
}
