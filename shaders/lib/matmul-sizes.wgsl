// Of matmul in all its ways. What is done to the product at the end stands here, not in constants.
struct Sizes {
  m: u32,
  n: u32,
  k: u32,
  stride_a: u32, // elements from one problem's A to the next; 0: all read the same
  stride_b: u32,
  biased: u32,
  residual_added: u32,
  activation: u32,
  kept: u32, // `pre` is asked for
}
