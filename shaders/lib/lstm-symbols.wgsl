// The inputs of an LSTM that reads symbols: what lib/lstm-cell.wgsl asks for. `lists` says where each symbol stands, for the
// gradient: [V + 1] places at which its list begins, then the lists one after another, each in the order of the batch.
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
