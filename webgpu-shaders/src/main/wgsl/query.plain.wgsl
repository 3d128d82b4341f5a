//! Queries as they stand in x; the cache has the keys and values of all tokens.
//! use   attention_input

/// Whether x has k and v of the batch's tokens, which are still to be put into the cache.
const QUERY_OWNS: bool = false;

/// The sum of squares of some channels of a head, for its norm: every parts-th, from `part` on.
fn query_squares(token: u32, head: u32, part: u32, parts: u32) -> f32 {
  return 0.0;
}

/// A quad of query head `head`; `squares` is the sum over the head.
fn query_quad(token: u32, head: u32, quad: u32, squares: f32) -> vec4<f32> {
  return input_quad(token, head, quad);
}
