// Lion over the whole arena, in place: c = beta1 m + (1 - beta1) g; theta <- theta - lr (sign(c) + lambda theta);
// m <- beta2 m + (1 - beta2) g. The direction uses the momentum before its update. One invocation updates one scalar.
//!include "lib/control.wgsl"
struct Sizes {
  count: u32,
  beta1: f32,
  beta2: f32,
  rest1: f32, // 1 - beta1 and 1 - beta2, rounded once from float64
  rest2: f32,
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> param: array<f32>;
@group(0) @binding(2) var<storage, read> grad: array<f32>;
@group(0) @binding(3) var<storage, read> norm: array<f32>; // [.., clip factor, 1 if non-finite, ..]
@group(0) @binding(4) var<storage, read> control: array<u32>;
@group(0) @binding(5) var<storage, read> blocks: array<u32>; // bit 0: decay applies to these 64 elements
@group(0) @binding(6) var<storage, read_write> m: array<f32>;
@group(0) @binding(7) var<storage, read_write> age: array<u32>;

fn advance(i: u32) {
  let lr = control_f32(LR);
  let g = grad[i] * norm[1];
  let old = m[i];
  let direction = sign(sizes.beta1 * old + sizes.rest1 * g); // sign(0) = 0
  let decay = select(0.0, control_f32(WEIGHT_DECAY), (blocks[i >> 6u] & 1u) == 1u);
  m[i] = sizes.beta2 * old + sizes.rest2 * g;
  param[i] = (1.0 - lr * decay) * param[i] - lr * direction;
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
    m[i] = 0.0;
  } else if (a < 0x80000000u) {
    advance(i);
    age[i] = a + 1u;
  }
}
