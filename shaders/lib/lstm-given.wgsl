// What a shader of projected inputs says to lib/lstm-cell.wgsl: it declares `sizes`, xproj, h0, c0 and STATE.
fn initial(row: u32, u: u32) -> vec2<f32> {
  if (STATE == 0u) { return vec2<f32>(0.0); }
  return vec2<f32>(h0[row * sizes.hidden + u], c0[row * sizes.hidden + u]);
}

fn given(row: u32, t: u32, u: u32) -> vec4<f32> {
  let at = (row * sizes.time + t) * 4u * sizes.hidden + u;
  return vec4<f32>(
    xproj[at], xproj[at + sizes.hidden], xproj[at + 2u * sizes.hidden], xproj[at + 3u * sizes.hidden]);
}
