// What both directions of the H-LSTM share. One workgroup takes 4 rows of the batch and walks the T steps inside, GATES
// gates at a time; invocation l owns 4 neighbouring units (a quad) of one of them. What units tell each other goes through
// workgroup memory, as vec4s over the 4 rows, which the including file declares:
//   var<workgroup> now: array<vec4<f32>, ...>;  // gate `slot` of those at hand from slot * WIDTH
// So a weight read serves 4 rows, a value told serves 4 units. A unit adds over the others in their order.
// Past the batch, the last row is computed again and not written.
//!include "lib/random.wgsl"
//!include "lib/control.wgsl"

struct Sizes {
  batch: u32,
  time: u32,
  hidden: u32, // H cells
  width: u32, // G units in a gate's hidden layer
  layers: u32, // L >= 1 of them
  slope: f32,
  site: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>; // see h-lstm-pack.wgsl
@group(0) @binding(2) var<storage, read> control: array<u32>;

override WIDTH = 64u; // at least H and G, a multiple of 4
override GATES = 4u; // 1, 2 or 4 at a time
override WG = 64u; // GATES * WIDTH / 4
override STATE = 0u; // h0 and c0 are given
override DROPOUT_ON = 0u; // control is given

fn quads_of(units: u32) -> u32 {
  return (units + 3u) / 4u;
}

// Forward: stage 0 goes from H to G, the inner ones from G to G, the last one (number L) from G to H. Backward the same,
// with the gates' outputs for h.
struct Stage {
  base: u32, // of this gate's matrix
  count: u32, // units it comes from
  quads: u32, // of units it goes to
}

fn stage_of(stage: u32, gate: u32) -> Stage {
  let qg = quads_of(sizes.width);
  if (stage == 0u) { return Stage(gate * sizes.hidden * qg, sizes.hidden, qg); }
  let inner = 4u * sizes.hidden * qg + ((stage - 1u) * 4u) * sizes.width * qg;
  let quads = select(qg, quads_of(sizes.hidden), stage == sizes.layers);
  return Stage(inner + gate * sizes.width * quads, sizes.width, quads);
}

fn given(w: vec4<f32>, x: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(x * w.x, x * w.y, x * w.z, x * w.w);
}

// What the units whose values lie from `source` on give to a quad. Column j: its unit j, for the 4 rows. The loads of four
// units are written down before their sums: a GPU has nothing else to do while it waits for one.
fn gathered(s: Stage, quad: u32, source: u32) -> mat4x4<f32> {
  var sum = mat4x4<f32>();
  var v = 0u;
  for (; v + 4u <= s.count; v += 4u) {
    let at = s.base + v * s.quads + quad;
    let w0 = weights[at];
    let w1 = weights[at + s.quads];
    let w2 = weights[at + 2u * s.quads];
    let w3 = weights[at + 3u * s.quads];
    sum += given(w0, now[source + v]);
    sum += given(w1, now[source + v + 1u]);
    sum += given(w2, now[source + v + 2u]);
    sum += given(w3, now[source + v + 3u]);
  }
  for (; v < s.count; v++) { sum += given(weights[s.base + v * s.quads + quad], now[source + v]); }
  return sum;
}

fn row_of(group: u32, r: u32) -> u32 {
  return min(group * 4u + r, sizes.batch - 1u);
}

// What dropout multiplies the units of a quad by. Elements are numbered [L, 4, B, T, 4 quads]; two share one draw.
fn kept(layer: u32, gate: u32, row: u32, t: u32, quad: u32) -> vec4<f32> {
  if (DROPOUT_ON == 0u) { return vec4<f32>(1.0); }
  let drop = control_f32(DROPOUT);
  if (drop == 0.0) { return vec4<f32>(1.0); }
  let key = threefry2x32(vec2u(control[SEED0], control[SEED1]), vec2u(STREAM_DROPOUT, sizes.site));
  let step = ((layer * 4u + gate) * sizes.batch + row) * sizes.time + t;
  let pair = 2u * (step * quads_of(sizes.width) + quad);
  let a = threefry2x32(key, vec2u(control[STEP], pair));
  let b = threefry2x32(key, vec2u(control[STEP], pair + 1u));
  let u = vec4<f32>(uniform_unit(a.x), uniform_unit(a.y), uniform_unit(b.x), uniform_unit(b.y));
  let scale = 1.0 / (1.0 - min(drop, 0.9999999)); // drop = 1 keeps nothing: no draw reaches 1
  return select(vec4<f32>(0.0), vec4<f32>(scale), u >= vec4<f32>(drop));
}
