// Of layer norm in all its ways.
struct Sizes {
  rows: u32,
  width: u32,
  eps: f32,
  row_groups: u32, // workgroups of the gradient that make dx
  residual: u32, // to which `other` is added
}
