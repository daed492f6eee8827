// Pooling over squares that do not overlap: the largest or the mean of each size x size square of a map; rows and columns
// that fill no square are left out. Forward, one invocation an output; backward, one an input, which looks its square up.
struct Sizes {
  count: u32, // elements written
  height: u32, // of a map of x
  width: u32,
  out_height: u32,
  out_width: u32,
  size: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [maps, height, width]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [maps, out_height, out_width]
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

override AVERAGE = 0u;

// The mean, or the largest, of the square whose first element is x[first].
fn pooled(first: u32) -> f32 {
  var best = x[first];
  var sum = 0.0;
  for (var i = 0u; i < sizes.size; i++) {
    for (var j = 0u; j < sizes.size; j++) {
      let v = x[first + i * sizes.width + j];
      sum += v;
      best = max(best, v);
    }
  }
  return select(best, sum / f32(sizes.size * sizes.size), AVERAGE == 1u);
}

@compute @workgroup_size(64)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= sizes.count) { return; }
  let column = i % sizes.out_width;
  let row = (i / sizes.out_width) % sizes.out_height;
  let map = i / (sizes.out_width * sizes.out_height);
  y[i] = pooled((map * sizes.height + row * sizes.size) * sizes.width + column * sizes.size);
}

// Of several largest elements the first (in rows, then columns) gets the whole gradient, as in PyTorch.
@compute @workgroup_size(64)
fn backward(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 64u + lane;
  if (i >= sizes.count) { return; }
  let column = i % sizes.width;
  let row = (i / sizes.width) % sizes.height;
  let map = i / (sizes.width * sizes.height);
  let out_row = row / sizes.size;
  let out_column = column / sizes.size;
  if (out_row >= sizes.out_height || out_column >= sizes.out_width) {
    dx[i] = 0.0;
    return;
  }
  let d = dy[(map * sizes.out_height + out_row) * sizes.out_width + out_column];
  if (AVERAGE == 1u) {
    dx[i] = d / f32(sizes.size * sizes.size);
    return;
  }
  let own = x[i];
  let place = (row % sizes.size) * sizes.size + column % sizes.size;
  let first = (map * sizes.height + out_row * sizes.size) * sizes.width + out_column * sizes.size;
  var chosen = true;
  for (var p = 0u; p < sizes.size * sizes.size; p++) {
    let v = x[first + (p / sizes.size) * sizes.width + p % sizes.size];
    if (v > own || (v == own && p < place)) { chosen = false; }
  }
  dx[i] = select(0.0, d, chosen);
}
