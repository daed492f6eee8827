enable subgroups;
// attention.wgsl by quads: see lib/attention-quad.wgsl.
//!include "lib/attention-quad.wgsl"

@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>; // [B, T, heads, d]
@group(0) @binding(3) var<storage, read_write> p: array<vec4<f32>>; // [B, heads, T, T]: query down, key across

const UNSEEN = -3e38;

fn row4(at: u32) -> vec4<f32> { return qkv4[at]; }

@compute @workgroup_size(4)
fn forward(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(subgroup_invocation_id) lane: u32) {
  let h = head_at(id.y * groups.x + id.x);
  if (h.window >= sizes.batch) { return; }
  let first = h.tile * 16u + lane * 4u;
  let rows = select(0u, 4u, first < sizes.time);
  let keys = key_count(h.tile);
  let d4 = sizes.d / 4u;
  let t4 = sizes.time / 4u;
  let mine = four(first);
  let q = vec4<u32>(h.qkv) + mine * (3u * stride());
  let map = h.map + first * t4;
  let scale = inverseSqrt(f32(sizes.d));

  // Scores, 4 queries and 16 keys at a time, and the highest of each query.
  var top = vec4<f32>(UNSEEN);
  for (var key = 0u; key < keys; key += 16u) {
    var s = along_d(h, KEY, key, lane, q);
    let parts = select(0u, 4u * min(4u, (keys - key) / 4u), rows > 0u);
    for (var i = 0u; i < parts; i++) {
      let r = i & 3u;
      let at = key + (i >> 2u) * 4u;
      let seen = vec4<u32>(at) + NEXT < vec4<u32>(select(keys, first + r + 1u, CAUSAL == 1u));
      let score = select(vec4<f32>(UNSEEN), s[i >> 2u][r] * scale, seen);
      p[map + r * t4 + at / 4u] = score;
      let highest = max(max(score.x, score.y), max(score.z, score.w));
      top = select(top, max(top, vec4<f32>(highest)), NEXT == vec4<u32>(r));
    }
  }

  for (var r = 0u; r < rows; r++) {
    let begin = map + r * t4;
    let highest = top[r];
    var sum = 0.0;
    for (var key = 0u; key < keys / 4u; key++) {
      let e = exp(p[begin + key] - highest);
      p[begin + key] = e;
      sum = (((sum + e.x) + e.y) + e.z) + e.w;
    }
    for (var key = 0u; key < t4; key++) {
      p[begin + key] = select(vec4<f32>(), p[begin + key] / sum, key < keys / 4u);
    }
  }

  // 16 columns at a time, four keys a turn.
  let row = vec4<u32>(h.map) + mine * t4;
  for (var c = 0u; c < d4; c += 4u) {
    let c1 = min(c + 1u, d4 - 1u);
    let c2 = min(c + 2u, d4 - 1u);
    let c3 = min(c + 3u, d4 - 1u);
    var out = array<mat4x4<f32>, 4>(); // column r of each: 4 columns of query r
    for (var key = 0u; key < keys / 4u; key++) {
      let v = qkv_at(h, VALUE, key * 4u + lane);
      let share = mat4x4<f32>(p[row.x + key], p[row.y + key], p[row.z + key], p[row.w + key]);
      out = array<mat4x4<f32>, 4>(
        added(out[0], shared_by(qkv4[v + c]), share), added(out[1], shared_by(qkv4[v + c1]), share),
        added(out[2], shared_by(qkv4[v + c2]), share), added(out[3], shared_by(qkv4[v + c3]), share));
    }
    let parts = rows * min(4u, d4 - c);
    for (var i = 0u; i < parts; i++) {
      y[h.out + (first + (i & 3u)) * stride() + c + (i >> 2u)] = out[i >> 2u][i & 3u];
    }
  }
}
