// Threefry-2x32, 20 rounds: the same numbers as src/random/threefry.ts, bit for bit. A draw is a function of
// (key, counter); STREAM_* are the purposes of STREAM there (a test compares them).
const STREAM_INIT = 1u;
const STREAM_ORDER = 2u;
const STREAM_DROPOUT = 3u;
const STREAM_SAMPLE = 4u;
const STREAM_EVENT = 5u;
const STREAM_MASK = 6u;
const STREAM_TEST = 7u;
const STREAM_DROP = 8u;

// Rounds 1-4 or 5-8 of the period; the caller injects the key after each.
fn threefry_four(x: vec2u, r: vec4u) -> vec2u {
  var s = x.x + x.y;
  var t = ((x.y << r.x) | (x.y >> (32u - r.x))) ^ s;
  s += t;
  t = ((t << r.y) | (t >> (32u - r.y))) ^ s;
  s += t;
  t = ((t << r.z) | (t >> (32u - r.z))) ^ s;
  s += t;
  t = ((t << r.w) | (t >> (32u - r.w))) ^ s;
  return vec2u(s, t);
}

fn threefry2x32(key: vec2u, counter: vec2u) -> vec2u {
  const A = vec4u(13u, 15u, 26u, 6u);
  const B = vec4u(17u, 29u, 16u, 24u);
  let k2 = 0x1bd11bdau ^ key.x ^ key.y; // Skein's parity constant
  var x = counter + key;
  x = threefry_four(x, A) + vec2u(key.y, k2 + 1u);
  x = threefry_four(x, B) + vec2u(k2, key.x + 2u);
  x = threefry_four(x, A) + vec2u(key.x, key.y + 3u);
  x = threefry_four(x, B) + vec2u(key.y, k2 + 4u);
  x = threefry_four(x, A) + vec2u(k2, key.x + 5u);
  return x;
}

fn stream_key(seed: vec2u, stream: u32) -> vec2u {
  return threefry2x32(seed, vec2u(stream, 0u));
}

// [0, 1) in steps of 2^-24.
fn uniform_unit(bits: u32) -> f32 {
  return f32(bits >> 8u) * 0x1p-24;
}

// 0 .. n-1: the high word of bits * n, by 16-bit halves.
fn uniform_int(bits: u32, n: u32) -> u32 {
  let bits_low = bits & 0xffffu;
  let bits_high = bits >> 16u;
  let n_low = n & 0xffffu;
  let n_high = n >> 16u;
  let mid = bits_high * n_low + ((bits_low * n_low) >> 16u); // < 2^32: (2^16-1)^2 + 2^16-1
  let mid2 = bits_low * n_high + (mid & 0xffffu);
  return bits_high * n_high + (mid >> 16u) + (mid2 >> 16u);
}

// Two independent N(0, 1) by Box and Muller. WGSL lets log lose all digits near 1 and cos be 2^-11 off, so both are
// written out here: a radius near 0 by the series of -ln(1 - w), the angle by quadrants of its exact fixed-point turn
// with Taylor polynomials on [-pi/4, pi/4] (next terms below 4e-9).
fn normal_pair(bits: vec2u) -> vec2f {
  let w = f32(0xffffffu - (bits.x >> 8u)) * 0x1p-24; // 1 - u exactly, u = ((bits.x >> 8) + 1) * 2^-24
  let series = w * (1.0 + w * (0.5 + w * (1.0 / 3.0 + w * (0.25 + w * (0.2 + w / 6.0)))));
  let radius = sqrt(2.0 * select(-log(1.0 - w), series, w < 0.05));
  let turn = bits.y >> 8u; // of 2^24
  let quadrant = (turn + 0x200000u) >> 22u; // nearest quarter, 0 .. 4
  let a = f32(i32(turn) - i32(quadrant << 22u)) * (6.283185307179586 * 0x1p-24);
  let b = a * a;
  let s = a * (1.0 - b * (1.0 / 6.0 - b * (1.0 / 120.0 - b * (1.0 / 5040.0 - b / 362880.0))));
  let c = 1.0 - b * (0.5 - b * (1.0 / 24.0 - b * (1.0 / 720.0 - b / 40320.0)));
  let swapped = (quadrant & 1u) == 1u;
  let cosine = select(c, -s, swapped);
  let sine = select(s, c, swapped);
  return radius * select(1.0, -1.0, (quadrant & 2u) == 2u) * vec2f(cosine, sine);
}
