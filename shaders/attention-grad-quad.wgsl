enable subgroups;
// attention-grad.wgsl by quads: see lib/attention-quad.wgsl.
//!include "lib/attention-quad.wgsl"

@group(0) @binding(2) var<storage, read> dy4: array<vec4<f32>>; // [B, T, heads, d]
@group(0) @binding(3) var<storage, read> p: array<vec4<f32>>; // [B, heads, T, T]
@group(0) @binding(4) var<storage, read_write> ds: array<vec4<f32>>; // as p
@group(0) @binding(5) var<storage, read> slopes: array<vec4<f32>>; // dS, as `backward_key` reads it
@group(0) @binding(6) var<storage, read_write> dqkv: array<vec4<f32>>; // [B, T, 3, heads, d]

fn row4(at: u32) -> vec4<f32> { return dy4[at]; }

// Four queries of one head of one window; a quad, 16.
@compute @workgroup_size(4)
fn backward_query(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                  @builtin(subgroup_invocation_id) lane: u32) {
  let h = head_at(id.y * groups.x + id.x);
  if (h.window >= sizes.batch) { return; }
  let first = h.tile * 16u + lane * 4u;
  let rows = select(0u, 4u, first < sizes.time);
  let keys = key_count(h.tile);
  let d4 = sizes.d / 4u;
  let t4 = sizes.time / 4u;
  let mine = four(first);
  let dys = vec4<u32>(h.out) + mine * stride();
  let map = h.map + first * t4;

  // dP, 4 queries and 16 keys at a time, and for each query its mean under P.
  var mean = vec4<f32>();
  for (var key = 0u; key < keys; key += 16u) {
    var s = along_d(h, VALUE, key, lane, dys);
    let parts = select(0u, 4u * min(4u, (keys - key) / 4u), rows > 0u);
    for (var i = 0u; i < parts; i++) {
      let r = i & 3u;
      let at = map + r * t4 + key / 4u + (i >> 2u);
      let d = s[i >> 2u][r];
      ds[at] = d;
      let w = p[at] * d;
      let m = (((mean[r] + w.x) + w.y) + w.z) + w.w;
      mean = select(mean, vec4<f32>(m), NEXT == vec4<u32>(r));
    }
  }

  let scale = inverseSqrt(f32(sizes.d));
  for (var r = 0u; r < rows; r++) {
    let begin = map + r * t4;
    let about = mean[r];
    for (var key = 0u; key < keys / 4u; key++) {
      ds[begin + key] = p[begin + key] * (ds[begin + key] - about) * scale;
    }
  }

  // dQ: 16 columns at a time, four keys a turn.
  let row = vec4<u32>(h.map) + mine * t4;
  for (var c = 0u; c < d4; c += 4u) {
    let c1 = min(c + 1u, d4 - 1u);
    let c2 = min(c + 2u, d4 - 1u);
    let c3 = min(c + 3u, d4 - 1u);
    var out = array<mat4x4<f32>, 4>(); // column r of each: 4 columns of query r
    for (var key = 0u; key < keys / 4u; key++) {
      let k = qkv_at(h, KEY, key * 4u + lane);
      let slope = mat4x4<f32>(ds[row.x + key], ds[row.y + key], ds[row.z + key], ds[row.w + key]);
      out = array<mat4x4<f32>, 4>(
        added(out[0], shared_by(qkv4[k + c]), slope), added(out[1], shared_by(qkv4[k + c1]), slope),
        added(out[2], shared_by(qkv4[k + c2]), slope), added(out[3], shared_by(qkv4[k + c3]), slope));
    }
    let parts = rows * min(4u, d4 - c);
    for (var i = 0u; i < parts; i++) {
      dqkv[qkv_at(h, QUERY, first + (i & 3u)) + c + (i >> 2u)] = out[i >> 2u][i & 3u];
    }
  }
}

// 8 columns of 4 keys; a quad, 16 keys. In causal attention the queries before these keys saw none of them.
@compute @workgroup_size(4)
fn backward_key(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                @builtin(subgroup_invocation_id) lane: u32) {
  let item = id.y * groups.x + id.x;
  let d4 = sizes.d / 4u;
  let parts = (d4 + 1u) / 2u;
  let h = head_at(item / parts);
  if (h.window >= sizes.batch) { return; }
  let c = item % parts * 2u;
  let c1 = min(c + 1u, d4 - 1u);
  let first = h.tile * 16u + lane * 4u;
  let t4 = sizes.time / 4u;
  let key = h.map + min(first, sizes.time - 4u) / 4u;
  var dk = array<mat4x4<f32>, 2>(); // column j of each: 4 columns of key j
  var dv = array<mat4x4<f32>, 2>();
  for (var query = select(0u, h.tile * 4u, CAUSAL == 1u); query < t4; query++) {
    let own = query * 4u + lane;
    let q = qkv_at(h, QUERY, own);
    let at = h.out + own * stride();
    let r = key + (vec4<u32>(query * 4u) + NEXT) * t4;
    let slope = transpose(mat4x4<f32>(slopes[r.x], slopes[r.y], slopes[r.z], slopes[r.w]));
    let share = transpose(mat4x4<f32>(p[r.x], p[r.y], p[r.z], p[r.w]));
    dk = array<mat4x4<f32>, 2>(added(dk[0], shared_by(qkv4[q + c]), slope), added(dk[1], shared_by(qkv4[q + c1]), slope));
    dv = array<mat4x4<f32>, 2>(added(dv[0], shared_by(dy4[at + c]), share), added(dv[1], shared_by(dy4[at + c1]), share));
  }
  let columns = select(0u, min(2u, d4 - c) * 4u, first < sizes.time);
  for (var i = 0u; i < columns; i++) {
    let at = first + (i & 3u);
    dqkv[qkv_at(h, KEY, at) + c + (i >> 2u)] = dk[i >> 2u][i & 3u];
    dqkv[qkv_at(h, VALUE, at) + c + (i >> 2u)] = dv[i >> 2u][i & 3u];
  }
}
