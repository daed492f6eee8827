// What the adapter can do at most, to hold the kernels against: multiply-adds out of registers, and bytes through memory.
struct Sizes {
  count: u32, // `stream`: vec4s to copy
  rounds: u32, // `arithmetic`: rounds of 16 multiply-adds (32 if WIDE) an invocation
  gain: f32, // |gain| < 1, so that nothing overflows however long it runs
}
override FUSED = false; // fma(a, b, c); else a * b + c: some adapters know one of them only
override WIDE = false; // 8 chains of vec4; else 4: some adapters hide more latency, some have few registers

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

fn next(a: vec4f, g: vec4f, s: vec4f) -> vec4f {
  if (FUSED) { return fma(a, g, s); }
  return a * g + s;
}

// One invocation keeps its chains of multiply-adds going, which do not wait for each other. The sum goes out, so that
// nothing can be left out; `x` is not read.
@compute @workgroup_size(256)
fn arithmetic(@builtin(global_invocation_id) id: vec3u) {
  let g = vec4f(sizes.gain);
  let s = vec4f(f32(id.x) * 1e-7);
  var a = s; var b = s + 1.0; var c = s + 2.0; var d = s + 3.0;
  var e = s + 4.0; var f = s + 5.0; var h = s + 6.0; var k = s + 7.0;
  for (var r = 0u; r < sizes.rounds; r++) {
    a = next(a, g, s); b = next(b, g, s); c = next(c, g, s); d = next(d, g, s);
    if (WIDE) { e = next(e, g, s); f = next(f, g, s); h = next(h, g, s); k = next(k, g, s); }
  }
  y[id.x] = ((a + b) + (c + d)) + ((e + f) + (h + k));
}

// y = x, front to back. One invocation copies one vec4; neighbours lie side by side.
@compute @workgroup_size(256)
fn stream(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
          @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * 256u + lane;
  if (i < sizes.count) { y[i] = x[i]; }
}
