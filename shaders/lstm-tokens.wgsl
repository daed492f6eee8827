// An LSTM that reads one of V symbols at each step: x is one-hot, so x Wx' is a row of Wx' that is looked up. See
// lib/lstm-loop.wgsl for the steps. `lists` says where each symbol stands, for the gradient: [V + 1] places at which
// its list begins, then the lists one after another, each in the order of the batch.
//!include "lib/lstm-loop.wgsl"

struct Sizes {
  batch: u32,
  time: u32,
  hidden: u32, // at most 512
  vocab: u32,
  groups: u32, // workgroups that walk; one more makes the lists
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> table: array<vec4<f32>>; // [V + 1, H]: the four gates', bias included
@group(0) @binding(2) var<storage, read> ids: array<u32>; // [B, T]
@group(0) @binding(4) var<storage, read_write> lists: array<u32>;
@group(0) @binding(5) var<storage, read> w: array<f32>; // [4, H, H]: row u reads column v
@group(0) @binding(9) var<storage, read_write> wt_out: array<vec4<f32>>;
@group(0) @binding(13) var<storage, read_write> table_out: array<vec4<f32>>;
@group(0) @binding(11) var<storage, read> wx: array<f32>; // [4, H, V]
@group(0) @binding(12) var<storage, read> bias: array<f32>; // [4, H]

// One invocation: what the four gates of cell u get from cell v, or from a symbol. Side by side for the cells that read them
// together. A symbol past the last one is a row of zeros: then there is the bias alone.
@compute @workgroup_size(256)
fn pack(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = id.y * groups.x * 256u + id.x;
  let size = sizes.hidden;
  let u = at % size;
  let source = at / size;
  if (source > size + sizes.vocab) { return; }
  if (source < size) {
    let i = u * size + source;
    let gate = size * size;
    wt_out[at] = vec4<f32>(w[i], w[gate + i], w[2u * gate + i], w[3u * gate + i]);
    return;
  }
  var row = vec4<f32>(bias[u], bias[size + u], bias[2u * size + u], bias[3u * size + u]);
  let symbol = source - size;
  if (symbol < sizes.vocab) {
    let i = u * sizes.vocab + symbol;
    let gate = size * sizes.vocab;
    row += vec4<f32>(wx[i], wx[gate + i], wx[2u * gate + i], wx[3u * gate + i]);
  }
  table_out[symbol * size + u] = row;
}

fn initial(row: u32, u: u32) -> vec2<f32> {
  return vec2<f32>(0.0);
}

fn given(row: u32, t: u32, u: u32) -> vec4<f32> {
  return table[min(ids[row * sizes.time + t], sizes.vocab) * sizes.hidden + u];
}

// Every WG-th symbol: counts what comes before its list, then writes it.
fn write_lists(l: u32) {
  let count = sizes.batch * sizes.time;
  let first = sizes.vocab + 1u;
  for (var symbol = l; symbol <= sizes.vocab; symbol += WG) {
    var at = 0u;
    for (var i = 0u; i < count; i++) { at += select(0u, 1u, ids[i] < symbol); }
    lists[symbol] = at;
    if (symbol == sizes.vocab) { break; }
    for (var i = 0u; i < count; i++) {
      if (ids[i] == symbol) {
        lists[first + at] = i;
        at++;
      }
    }
  }
}

@compute @workgroup_size(WG)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  if (group.x == sizes.groups) {
    write_lists(l);
    return;
  }
  walk(group.x * 4u, l);
}
