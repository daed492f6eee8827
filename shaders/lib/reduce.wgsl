// Sums and maxima over the LANES invocations of a workgroup, a power of two that the including file declares. A tree, so
// the order of addition is fixed. Every invocation must arrive, and gets the result.
var<workgroup> reduce_lanes: array<f32, LANES>;

fn sum_lanes(lane: u32, value: f32) -> f32 {
  reduce_lanes[lane] = value;
  for (var half = LANES / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { reduce_lanes[lane] += reduce_lanes[lane + half]; }
  }
  return workgroup_first();
}

fn max_lanes(lane: u32, value: f32) -> f32 {
  reduce_lanes[lane] = value;
  for (var half = LANES / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { reduce_lanes[lane] = max(reduce_lanes[lane], reduce_lanes[lane + half]); }
  }
  return workgroup_first();
}

// The second barrier lets the next reduction write.
fn workgroup_first() -> f32 {
  workgroupBarrier();
  let first = reduce_lanes[0];
  workgroupBarrier();
  return first;
}
