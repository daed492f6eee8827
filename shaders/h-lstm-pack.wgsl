// The H-LSTM's weights laid out for its kernels, which then read all of them through one binding: three sorts of matrices in
// the order of use (first, inner, last), each gate by gate, row v holding the weights from unit v to quads of units, the last
// quad filled up with zeros. Forward, behind them: the inner layers' biases, the last layer's, and h0 and c0 by cell as vec4s
// over 4 rows of the batch. One invocation writes one vec4.
struct Sizes {
  batch: u32,
  hidden: u32,
  width: u32,
  layers: u32,
  count: u32, // of vec4s
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> first: array<f32>; // [4, G, H]
@group(0) @binding(2) var<storage, read> inner: array<f32>; // [L - 1, 4, G, G]
@group(0) @binding(3) var<storage, read> last: array<f32>; // [4, H, G]
@group(0) @binding(4) var<storage, read> inner_bias: array<f32>; // [L - 1, 4, G]
@group(0) @binding(5) var<storage, read> last_bias: array<f32>; // [4, H]
@group(0) @binding(6) var<storage, read> h0: array<f32>; // [B, H]
@group(0) @binding(7) var<storage, read> c0: array<f32>;
@group(0) @binding(8) var<storage, read_write> packed_out: array<vec4<f32>>;

override BACK = 0u; // for the gradient: transposed, and from the last layer to the first

const FIRST = 0u;
const INNER = 1u;
const LAST = 2u;
const INNER_BIAS = 3u;
const LAST_BIAS = 4u;

fn value(which: u32, at: u32) -> f32 {
  switch which {
    case FIRST: { return first[at]; }
    case INNER: { return inner[at]; }
    case LAST: { return last[at]; }
    case INNER_BIAS: { return inner_bias[at]; }
    default: { return last_bias[at]; }
  }
}

// Four entries `step` apart; from entry `there` on, zero.
fn quad_of(which: u32, at: u32, step: u32, there: u32) -> vec4<f32> {
  var v = vec4<f32>(0.0);
  for (var j = 0u; j < min(there, 4u); j++) { v[j] = value(which, at + j * step); }
  return v;
}

// Entry i of a stack of matrices from `inputs` to `outputs` units. Stored out x in, which backward is in x out.
fn matrix_quad(which: u32, i: u32, inputs: u32, outputs: u32) -> vec4<f32> {
  let quads = (outputs + 3u) / 4u;
  let o = i % quads * 4u;
  let v = i / quads % inputs;
  var matrix = i / quads / inputs;
  if (BACK == 1u && which == INNER) { matrix = (sizes.layers - 2u - matrix / 4u) * 4u + matrix % 4u; }
  let base = matrix * inputs * outputs;
  if (BACK == 1u) { return quad_of(which, base + v * outputs + o, 1u, outputs - o); }
  return quad_of(which, base + o * inputs + v, inputs, outputs - o);
}

fn bias_quad(which: u32, i: u32, units: u32) -> vec4<f32> {
  let quads = (units + 3u) / 4u;
  let o = i % quads * 4u;
  return quad_of(which, i / quads * units + o, 1u, units - o);
}

// h0, then c0: [2, groups of 4 rows, H]. Past the batch, the last row again.
fn state_quad(i: u32) -> vec4<f32> {
  let size = sizes.hidden;
  let groups = (sizes.batch + 3u) / 4u;
  let row = i / size % groups * 4u;
  var v = vec4<f32>(0.0);
  for (var r = 0u; r < 4u; r++) {
    let at = min(row + r, sizes.batch - 1u) * size + i % size;
    if (i < groups * size) { v[r] = h0[at]; } else { v[r] = c0[at]; }
  }
  return v;
}

@compute @workgroup_size(256)
fn pack(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = id.y * groups.x * 256u + id.x;
  if (at >= sizes.count) { return; }
  let qg = (sizes.width + 3u) / 4u;
  let qh = (sizes.hidden + 3u) / 4u;
  let more = sizes.layers - 1u;
  let end_first = 4u * sizes.hidden * qg;
  let end_inner = end_first + 4u * more * sizes.width * qg;
  let end_last = end_inner + 4u * sizes.width * qh;
  let end_inner_bias = end_last + 4u * more * qg;
  let end_last_bias = end_inner_bias + 4u * qh;
  var v = vec4<f32>(0.0);
  if (at < end_first) {
    v = matrix_quad(select(FIRST, LAST, BACK == 1u), at, sizes.hidden, sizes.width);
  } else if (at < end_inner) {
    v = matrix_quad(INNER, at - end_first, sizes.width, sizes.width);
  } else if (at < end_last) {
    v = matrix_quad(select(LAST, FIRST, BACK == 1u), at - end_inner, sizes.width, sizes.hidden);
  } else if (at < end_inner_bias) {
    v = bias_quad(INNER_BIAS, at - end_last, sizes.width);
  } else if (at < end_last_bias) {
    v = bias_quad(LAST_BIAS, at - end_inner_bias, sizes.hidden);
  } else {
    v = state_quad(at - end_last_bias);
  }
  packed_out[at] = v;
}
