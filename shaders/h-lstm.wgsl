// A whole H-LSTM sequence in one dispatch: LSTM gates i, f, g, o that are small networks of their own. What one workgroup
// and one invocation do stands in lib/h-lstm.wgsl. A step is, for the gates at hand, one stage a layer (two barriers each:
// all have read, all have written), then the cells, a few to an invocation, from the gates as they lie in storage.
//!include "lib/activations.wgsl"
//!include "lib/h-lstm.wgsl"

@group(0) @binding(3) var<storage, read> xproj: array<f32>; // [B, T, 4, G], U x + d of the first layer
@group(0) @binding(4) var<storage, read_write> h: array<f32>; // [B, T, H]
@group(0) @binding(5) var<storage, read_write> gates: array<f32>; // [B, T, 4, H], after their nonlinearity
@group(0) @binding(6) var<storage, read_write> c: array<f32>; // [B, T, H]
@group(0) @binding(7) var<storage, read_write> acts: array<f32>; // [L, 4, B, T, G], after dropout

var<workgroup> now: array<vec4<f32>, GATES * WIDTH + WIDTH>; // h behind the gates

// First of the biases of a stage >= 1 of a gate, in `weights`.
fn bias_of(stage: u32, gate: u32) -> u32 {
  let qg = quads_of(sizes.width);
  let qh = quads_of(sizes.hidden);
  let more = sizes.layers - 1u;
  let inner = 4u * (sizes.hidden * qg + more * sizes.width * qg + sizes.width * qh) + (stage - 1u) * 4u * qg;
  return inner + gate * select(qg, qh, stage == sizes.layers);
}

// Cell u of the 4 rows at the start: h0 (which = 0) or c0 (1).
fn initial(which: u32, group: u32, u: u32) -> vec4<f32> {
  if (STATE == 0u) { return vec4<f32>(0.0); }
  let base = bias_of(sizes.layers, 4u);
  return weights[base + (which * quads_of(sizes.batch) + group) * sizes.hidden + u];
}

fn projected(row: u32, t: u32, gate: u32, quad: u32) -> vec4<f32> {
  let at = ((row * sizes.time + t) * 4u + gate) * sizes.width;
  let end = sizes.width - 1u;
  let u = quad * 4u;
  return vec4<f32>(xproj[at + u], xproj[at + min(u + 1u, end)], xproj[at + min(u + 2u, end)], xproj[at + min(u + 3u, end)]);
}

// A quad of a hidden layer, from what came before its nonlinearity to what the next stage reads.
fn tell(group: u32, t: u32, layer: u32, gate: u32, quad: u32, sum: mat4x4<f32>, told: u32) {
  var rows = transpose(sum); // column r: the 4 units of row r
  for (var r = 0u; r < 4u; r++) {
    let row = row_of(group, r);
    var p = rows[r];
    if (layer == 0u) { p += projected(row, t, gate, quad); } else { p += weights[bias_of(layer, gate) + quad]; }
    let a = select(sizes.slope * p, p, p > vec4<f32>(0.0)) * kept(layer, gate, row, t, quad);
    rows[r] = a;
    let at = (((layer * 4u + gate) * sizes.batch + row) * sizes.time + t) * sizes.width;
    for (var j = 0u; j < 4u; j++) {
      if (group * 4u + r < sizes.batch && quad * 4u + j < sizes.width) { acts[at + quad * 4u + j] = a[j]; }
    }
  }
  let units = transpose(rows);
  now[told] = units[0];
  now[told + 1u] = units[1];
  now[told + 2u] = units[2];
  now[told + 3u] = units[3];
}

// A quad of a gate's outputs.
fn open_gate(group: u32, t: u32, gate: u32, quad: u32, sum: mat4x4<f32>) {
  var rows = transpose(sum);
  let bias = weights[bias_of(sizes.layers, gate) + quad];
  for (var r = 0u; r < 4u; r++) {
    let row = group * 4u + r;
    if (row >= sizes.batch) { return; }
    let v = rows[r] + bias;
    let at = ((row * sizes.time + t) * 4u + gate) * sizes.hidden;
    for (var j = 0u; j < 4u; j++) {
      let u = quad * 4u + j;
      if (u >= sizes.hidden) { continue; }
      if (gate == 2u) { gates[at + u] = safe_tanh(v[j]); } else { gates[at + u] = sigmoid(v[j]); }
    }
  }
}

// Cell u of the 4 rows one step on; the c before it is what this same invocation wrote. Gives h.
fn advance(group: u32, t: u32, u: u32) -> vec4<f32> {
  var before = initial(1u, group, u);
  var out = vec4<f32>(0.0);
  for (var r = 0u; r < 4u; r++) {
    let step = row_of(group, r) * sizes.time + t;
    if (t > 0u) { before[r] = c[(step - 1u) * sizes.hidden + u]; }
    let at = step * 4u * sizes.hidden + u;
    let i = gates[at];
    let f = gates[at + sizes.hidden];
    let g = gates[at + 2u * sizes.hidden];
    let cell = f * before[r] + i * g;
    out[r] = gates[at + 3u * sizes.hidden] * safe_tanh(cell);
    if (group * 4u + r < sizes.batch) {
      c[step * sizes.hidden + u] = cell;
      h[step * sizes.hidden + u] = out[r];
    }
  }
  return out;
}

@compute @workgroup_size(WG)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) id: vec3<u32>) {
  let group = id.x;
  let slot = l / (WIDTH / 4u);
  let quad = l % (WIDTH / 4u);
  let h_now = GATES * WIDTH;
  for (var u = l; u < sizes.hidden; u += WG) { now[h_now + u] = initial(0u, group, u); }
  workgroupBarrier();
  for (var t = 0u; t < sizes.time; t++) {
    for (var begin = 0u; begin < 4u; begin += GATES) {
      let gate = begin + slot;
      for (var stage = 0u; stage <= sizes.layers; stage++) {
        let s = stage_of(stage, gate);
        var sum = mat4x4<f32>();
        if (quad < s.quads) { sum = gathered(s, quad, select(slot * WIDTH, h_now, stage == 0u)); }
        workgroupBarrier();
        if (quad < s.quads) {
          if (stage < sizes.layers) { tell(group, t, stage, gate, quad, sum, slot * WIDTH + quad * 4u); } else {
            open_gate(group, t, gate, quad, sum);
          }
        }
        workgroupBarrier();
      }
    }
    storageBarrier();
    for (var u = l; u < sizes.hidden; u += WG) { now[h_now + u] = advance(group, t, u); }
    workgroupBarrier();
  }
}
