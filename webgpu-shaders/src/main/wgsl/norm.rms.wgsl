//! Root mean square norm of the activations. What is the same for a whole row is multiplied at the end, so that the sum of squares is made
//! by the loop that reads the row anyway.
//! scale   f32 [columns]

@group(0) @binding(6) var<storage, read> scale: array<vec4<f32>>;

const NORM: bool = true;

fn norm_scale(quad: u32) -> vec4<f32> {
  return scale[quad];
}
