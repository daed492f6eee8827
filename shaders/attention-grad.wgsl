// The gradient of attention, in two dispatches. `backward_query` goes by queries, as the forward pass does:
//   dP = dy V'   dS = P (dP - sum over keys of P dP) / sqrt(d)   dQ = dS K
// and leaves dS [B, heads, T, T] for `backward_key`, which goes by keys:  dK = dS' Q,  dV = P' dy.
//!include "lib/attention-tile.wgsl"

@group(0) @binding(3) var<storage, read> dy: array<f32>; // [B, T, heads, d]
@group(0) @binding(4) var<storage, read> dy4: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> p: array<f32>; // [B, heads, T, T]
@group(0) @binding(6) var<storage, read_write> ds: array<f32>;
@group(0) @binding(7) var<storage, read> slopes: array<f32>; // dS, as `backward_key` reads it
@group(0) @binding(8) var<storage, read_write> dqkv: array<f32>; // [B, T, 3, heads, d]

fn dy_quad(at: u32, c: u32) -> vec4<f32> {
  if (VEC == 1u) { return dy4[(at + c) >> 2u]; }
  let i = vec4<u32>(at) + min(vec4<u32>(c) + NEXT, vec4<u32>(sizes.d - 1u));
  let v = vec4<f32>(dy[i.x], dy[i.y], dy[i.z], dy[i.w]);
  return select(vec4<f32>(0.0), v, vec4<u32>(c) + NEXT < vec4<u32>(sizes.d));
}

fn dy_quads(rows: vec4<u32>, c: u32) -> mat4x4<f32> {
  return mat4x4<f32>(dy_quad(rows.x, c), dy_quad(rows.y, c), dy_quad(rows.z, c), dy_quad(rows.w, c));
}

// Column r of m: columns c .. c + 3 of token r.
fn write_quads(at: Place, which: u32, c: u32, m: mat4x4<f32>) {
  var v = m;
  var row = qkv_at(at, which, four(at.first));
  for (var r = 0u; r < 4u && at.first + r < sizes.time; r++) {
    for (var j = 0u; j < 4u && c + j < sizes.d; j++) { dqkv[row[r] + c + j] = v[r][j]; }
  }
}

// One invocation: 4 queries of one head of one window.
@compute @workgroup_size(64)
fn backward_query(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = place_of(id.y * groups.x * 64u + id.x);
  if (at.window >= sizes.batch) { return; }
  let keys = key_count(at.first);
  let rows = min(4u, sizes.time - at.first);

  var row = map_at(at, four(at.first));
  let dys = out_at(at, four(at.first));

  // dP, and for each query its mean under P.
  var mean = vec4<f32>(0.0);
  for (var key = 0u; key < keys; key += 4u) {
    let v = qkv_at(at, VALUE, four(key));
    var s = mat4x4<f32>(); // column r: query r and the 4 keys
    for (var c = 0u; c < sizes.d; c += 4u) { s = added(s, transpose(quads(v, c)), dy_quads(dys, c)); }
    var d = s;
    for (var r = 0u; r < rows; r++) {
      let i = row[r] + key;
      for (var j = 0u; j < 4u && key + j < keys; j++) {
        ds[i + j] = d[r][j];
        mean[r] += p[i + j] * d[r][j];
      }
    }
  }

  let scale = inverseSqrt(f32(sizes.d));
  for (var r = 0u; r < rows; r++) {
    let i = row[r];
    let m = mean[r];
    for (var key = 0u; key < keys; key++) { ds[i + key] = p[i + key] * (ds[i + key] - m) * scale; }
  }

  let r4 = map_at(at, four(at.first));
  let stride = 3u * sizes.heads * sizes.d;
  let ks = qkv_at(at, KEY, vec4<u32>(0u)).x;
  for (var c = 0u; c < sizes.d; c += 8u) {
    var low = mat4x4<f32>();
    var high = mat4x4<f32>();
    let c4 = select(c, c + 4u, c + 4u < sizes.d);
    for (var key = 0u; key < keys; key++) {
      let slope = vec4<f32>(ds[r4.x + key], ds[r4.y + key], ds[r4.z + key], ds[r4.w + key]);
      low += outer(quad(ks + key * stride, c), slope);
      high += outer(quad(ks + key * stride, c4), slope);
    }
    write_quads(at, QUERY, c, low);
    write_quads(at, QUERY, c + 4u, high);
  }
}

// One invocation: 4 columns of 4 keys. In causal attention the queries before these keys saw none of them and left no dS.
@compute @workgroup_size(64)
fn backward_key(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let item = id.y * groups.x * 64u + id.x;
  let tiles = (sizes.time + 3u) / 4u * sizes.heads * sizes.batch;
  let c = item / tiles * 4u;
  if (c >= sizes.d) { return; }
  let at = place_of(item % tiles);
  let key = four(at.first);
  let step = sizes.heads * sizes.d; // from one token to the next in dy; three times that in qkv
  let queries = qkv_at(at, QUERY, vec4<u32>(0u)).x;
  let dys = out_at(at, vec4<u32>(0u)).x;
  let rows = map_at(at, vec4<u32>(0u)).x;
  var dk = mat4x4<f32>(); // column j: key j
  var dv = mat4x4<f32>();
  for (var query = select(0u, at.first, CAUSAL == 1u); query < sizes.time; query++) {
    let i = rows + query * sizes.time + key;
    dk += outer(quad(queries + query * 3u * step, c), vec4<f32>(slopes[i.x], slopes[i.y], slopes[i.z], slopes[i.w]));
    dv += outer(dy_quad(dys + query * step, c), vec4<f32>(p[i.x], p[i.y], p[i.z], p[i.w]));
  }
  write_quads(at, KEY, c, dk);
  write_quads(at, VALUE, c, dv);
}
