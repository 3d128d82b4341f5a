//! Activations read four at a time, for rows of a multiple of four.
//! x   f32 [rows, columns]

@group(0) @binding(4) var<storage, read> x: array<vec4<f32>>;

fn input_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  return x[row * (columns / 4u) + quad];
}
