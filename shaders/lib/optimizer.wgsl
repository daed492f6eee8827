// What every optimizer shares: the arenas it is bound to, and which entries an update reaches. A shader that includes this
// has `sizes.count`, its slots from binding 6 on, and says
//   advance(i)            one update of entry i with the run's update count,
//   advance_aged(i, t)    the same with the entry's own count t (1-based),
//   forget(i)             zeros in its slots.
//!include "lib/control.wgsl"
@group(0) @binding(1) var<storage, read_write> param: array<f32>;
@group(0) @binding(2) var<storage, read> grad: array<f32>;
@group(0) @binding(3) var<storage, read> norm: array<f32>; // [.., clip factor, 1 if non-finite, ..]
@group(0) @binding(4) var<storage, read> control: array<u32>;
@group(0) @binding(5) var<storage, read> blocks: array<u32>; // bit 0: decay applies to these 64 elements
@group(0) @binding(8) var<storage, read_write> age: array<u32>;

// 1 - lr lambda where decay applies, else 1.
fn kept(i: u32, lr: f32) -> f32 {
  return 1.0 - lr * select(0.0, control_f32(WEIGHT_DECAY), (blocks[i >> 6u] & 1u) == 1u);
}

@compute @workgroup_size(256)
fn update(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count || norm[2] != 0.0) { return; }
  advance(i);
}

// Age 0: dormant, everything becomes 0, whatever the gradient. Bit 31: frozen. Else the age is this update's t.
@compute @workgroup_size(256)
fn update_aged(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
               @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i >= sizes.count || norm[2] != 0.0) { return; }
  let a = age[i];
  if ((a & 0x7fffffffu) == 0u) {
    param[i] = 0.0;
    forget(i);
  } else if (a < 0x80000000u) {
    advance_aged(i, a);
    age[i] = a + 1u;
  }
}
