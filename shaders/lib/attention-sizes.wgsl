// What every pass of attention knows: its sizes, whether a query sees later keys, and the three parts of a row of qkv.
struct Sizes {
  batch: u32,
  time: u32,
  heads: u32,
  d: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;

override CAUSAL = 0u;

const QUERY = 0u;
const KEY = 1u;
const VALUE = 2u;
const NEXT = vec4<u32>(0u, 1u, 2u, 3u);
