// The way back through a whole H-LSTM sequence in one dispatch, from the last step to the first: the gradients of the gates
// and of their hidden layers, before the nonlinearities. What one workgroup and one invocation do stands in lib/h-lstm.wgsl;
// besides its quad, an invocation owns cells l, l + WG, … of all 4 rows, whose gradients it carries from step to step.
// `factors` runs before it and over all steps at once: what of a step's gradients does not depend on later steps.
//!include "lib/activations.wgsl"
//!include "lib/h-lstm.wgsl"

@group(0) @binding(3) var<storage, read> dh: array<f32>; // [B, T, H]
@group(0) @binding(4) var<storage, read> factor: array<f32>; // [B, T, 6, H], see `factors`
@group(0) @binding(5) var<storage, read> acts: array<f32>; // [L, 4, B, T, G], after dropout
@group(0) @binding(6) var<storage, read_write> dv: array<f32>; // [4, B, T, H]
@group(0) @binding(7) var<storage, read_write> dp: array<f32>; // layer 1 [B, T, 4, G], then [L - 1, 4, B, T, G]
@group(0) @binding(8) var<storage, read_write> dstate: array<f32>; // [2, B, H]
@group(0) @binding(9) var<storage, read> gates: array<f32>; // [B, T, 4, H], after their nonlinearity
@group(0) @binding(10) var<storage, read> c: array<f32>; // [B, T, H]
@group(0) @binding(11) var<storage, read> c0: array<f32>; // [B, H]
@group(0) @binding(12) var<storage, read_write> factor_out: array<f32>;

const CELLS = 4u; // that an invocation owns at most

var<workgroup> now: array<vec4<f32>, GATES * WIDTH>;

// One invocation: one cell of one row at one step. By what dc is multiplied for dv of i, f, g; dh for that of o; dh for its
// share of dc; dc for that of the step before.
@compute @workgroup_size(256)
fn factors(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let item = id.y * groups.x * 256u + id.x;
  let size = sizes.hidden;
  if (item >= sizes.batch * sizes.time * size) { return; }
  let step = item / size;
  let u = item % size;
  let at = step * 4u * size + u;
  let i = gates[at];
  let f = gates[at + size];
  let g = gates[at + 2u * size];
  let o = gates[at + 3u * size];
  let tc = safe_tanh(c[item]);
  var before = 0.0;
  if (step % sizes.time > 0u) { before = c[item - size]; } else if (STATE == 1u) {
    before = c0[step / sizes.time * size + u];
  }
  let to = step * 6u * size + u;
  factor_out[to] = g * i * (1.0 - i);
  factor_out[to + size] = before * f * (1.0 - f);
  factor_out[to + 2u * size] = i * (1.0 - g * g);
  factor_out[to + 3u * size] = tc * o * (1.0 - o);
  factor_out[to + 4u * size] = o * (1.0 - tc * tc);
  factor_out[to + 5u * size] = f;
}

fn factor_of(which: u32, group: u32, t: u32, u: u32) -> vec4<f32> {
  var v = vec4<f32>(0.0);
  for (var r = 0u; r < 4u; r++) {
    v[r] = factor[((row_of(group, r) * sizes.time + t) * 6u + which) * sizes.hidden + u];
  }
  return v;
}

fn upstream(group: u32, t: u32, u: u32) -> vec4<f32> {
  var v = vec4<f32>(0.0);
  for (var r = 0u; r < 4u; r++) { v[r] = dh[(row_of(group, r) * sizes.time + t) * sizes.hidden + u]; }
  return v;
}

fn write_gate(group: u32, t: u32, gate: u32, u: u32, v: vec4<f32>) {
  for (var r = 0u; r < 4u; r++) {
    let row = group * 4u + r;
    if (row >= sizes.batch) { return; }
    dv[((gate * sizes.batch + row) * sizes.time + t) * sizes.hidden + u] = v[r];
  }
}

// A quad of a hidden layer: from the gradient of what it told to that of what came before its nonlinearity.
fn bend(group: u32, t: u32, layer: u32, gate: u32, quad: u32, sum: mat4x4<f32>) -> mat4x4<f32> {
  var rows = transpose(sum); // column r: the 4 units of row r
  let end = sizes.width - 1u;
  let whole = 4u * sizes.batch * sizes.time * sizes.width;
  for (var r = 0u; r < 4u; r++) {
    let row = row_of(group, r);
    let step = row * sizes.time + t;
    let at = (gate * sizes.batch * sizes.time + step) * sizes.width;
    let a = vec4<u32>(layer * whole + at) + min(vec4<u32>(quad * 4u) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(end));
    let told = vec4<f32>(acts[a.x], acts[a.y], acts[a.z], acts[a.w]);
    let slope = select(vec4<f32>(sizes.slope), vec4<f32>(1.0), told > vec4<f32>(0.0));
    let d = rows[r] * slope * kept(layer, gate, row, t, quad);
    rows[r] = d;
    let to = layer * whole + select(at, (step * 4u + gate) * sizes.width, layer == 0u) + quad * 4u;
    for (var j = 0u; j < 4u; j++) {
      if (group * 4u + r < sizes.batch && quad * 4u + j < sizes.width) { dp[to + j] = d[j]; }
    }
  }
  return transpose(rows);
}

fn write_state(group: u32, u: u32, d: vec4<f32>, dc: vec4<f32>) {
  for (var r = 0u; r < 4u; r++) {
    let row = group * 4u + r;
    if (row >= sizes.batch) { return; }
    dstate[row * sizes.hidden + u] = d[r];
    dstate[(sizes.batch + row) * sizes.hidden + u] = dc[r];
  }
}

@compute @workgroup_size(WG)
fn backward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) id: vec3<u32>) {
  let group = id.x;
  let slot = l / (WIDTH / 4u);
  let quad = l % (WIDTH / 4u);
  var d_later = array<vec4<f32>, CELLS>(); // of h of the step before the one at hand
  var dc_later = array<vec4<f32>, CELLS>();
  var d = array<vec4<f32>, CELLS>(); // the whole gradient of h and of c at this step
  var dc = array<vec4<f32>, CELLS>();
  for (var back = 1u; back <= sizes.time; back++) {
    let t = sizes.time - back;
    for (var i = 0u; i < CELLS && l + i * WG < sizes.hidden; i++) {
      let u = l + i * WG;
      d[i] = d_later[i] + upstream(group, t, u);
      dc[i] = dc_later[i] + d[i] * factor_of(4u, group, t, u);
      dc_later[i] = dc[i] * factor_of(5u, group, t, u);
      d_later[i] = vec4<f32>(0.0);
    }
    for (var begin = 0u; begin < 4u; begin += GATES) {
      for (var i = 0u; i < CELLS && l + i * WG < sizes.hidden; i++) {
        let u = l + i * WG;
        for (var s = 0u; s < GATES; s++) {
          let gate = begin + s;
          let v = factor_of(gate, group, t, u) * select(dc[i], d[i], gate == 3u);
          write_gate(group, t, gate, u, v);
          now[s * WIDTH + u] = v;
        }
      }
      workgroupBarrier();
      let gate = begin + slot;
      for (var stage = 0u; stage <= sizes.layers; stage++) {
        let s = stage_of(stage, gate);
        var sum = mat4x4<f32>();
        if (quad < s.quads) { sum = gathered(s, quad, slot * WIDTH); }
        workgroupBarrier();
        if (quad < s.quads) {
          // The last stage gives h's gradient, of each gate apart.
          if (stage < sizes.layers) { sum = bend(group, t, sizes.layers - 1u - stage, gate, quad, sum); }
          let told = slot * WIDTH + quad * 4u;
          for (var j = 0u; j < 4u; j++) { now[told + j] = sum[j]; }
        }
        workgroupBarrier();
      }
      for (var i = 0u; i < CELLS && l + i * WG < sizes.hidden; i++) {
        for (var s = 0u; s < GATES; s++) { d_later[i] += now[s * WIDTH + l + i * WG]; }
      }
    }
  }
  if (STATE == 1u) {
    for (var i = 0u; i < CELLS && l + i * WG < sizes.hidden; i++) {
      write_state(group, l + i * WG, d_later[i], dc_later[i]);
    }
  }
}
