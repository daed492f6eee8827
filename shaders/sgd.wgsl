// SGD with momentum over the whole arena, in place: v <- mu v + g; u = v, or g + mu v (Nesterov);
// theta <- (1 - lr lambda) theta - lr u. One invocation updates one scalar.
//!include "lib/control.wgsl"
struct Sizes {
  count: u32,
  momentum: f32,
  nesterov: u32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> param: array<f32>;
@group(0) @binding(2) var<storage, read> grad: array<f32>;
@group(0) @binding(3) var<storage, read> norm: array<f32>; // [.., clip factor, 1 if non-finite, ..]
@group(0) @binding(4) var<storage, read> control: array<u32>;
@group(0) @binding(5) var<storage, read> blocks: array<u32>; // bit 0: decay applies to these 64 elements
@group(0) @binding(6) var<storage, read_write> velocity: array<f32>;
@group(0) @binding(7) var<storage, read_write> age: array<u32>;

fn advance(i: u32) {
  let lr = control_f32(LR);
  let g = grad[i] * norm[1];
  let v = sizes.momentum * velocity[i] + g;
  let u = select(v, g + sizes.momentum * v, sizes.nesterov == 1u);
  let decay = select(0.0, control_f32(WEIGHT_DECAY), (blocks[i >> 6u] & 1u) == 1u);
  velocity[i] = v;
  param[i] = (1.0 - lr * decay) * param[i] - lr * u;
}

@compute @workgroup_size(256)
fn update(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count || norm[2] != 0.0) { return; }
  advance(i);
}

// Age 0: dormant, everything becomes 0, whatever the gradient. Bit 31: frozen.
@compute @workgroup_size(256)
fn update_aged(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
               @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count || norm[2] != 0.0) { return; }
  let a = age[i];
  if ((a & 0x7fffffffu) == 0u) {
    param[i] = 0.0;
    velocity[i] = 0.0;
  } else if (a < 0x80000000u) {
    advance(i);
    age[i] = a + 1u;
  }
}
