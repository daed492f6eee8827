// An LSTM that reads one of V symbols at each step: x is one-hot, so x Wx' is a row of Wx' that is looked up. See
// lib/lstm-loop.wgsl for the steps, lib/lstm-symbols.wgsl for the symbols.
//!include "lib/lstm-loop.wgsl"
//!include "lib/lstm-symbols.wgsl"

@group(0) @binding(5) var<storage, read> w: array<f32>; // [4, H, H]: row u reads column v
@group(0) @binding(9) var<storage, read_write> wt_out: array<vec4<f32>>;
@group(0) @binding(11) var<storage, read> wx: array<f32>; // [4, H, V]
@group(0) @binding(12) var<storage, read> bias: array<f32>; // [4, H]
@group(0) @binding(13) var<storage, read_write> table_out: array<vec4<f32>>;

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

@compute @workgroup_size(WG)
fn forward(@builtin(local_invocation_index) l: u32, @builtin(workgroup_id) group: vec3<u32>) {
  if (group.x == sizes.groups) {
    write_lists(l);
    return;
  }
  walk(group.x * 4u, l);
}
