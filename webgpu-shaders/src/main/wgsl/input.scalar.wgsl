//! Activations read one by one, for rows of any length; zero beyond the end of a row.
//! x   f32 [rows, columns]

@group(0) @binding(4) var<storage, read> x: array<f32>;

fn input_at(row: u32, column: u32, columns: u32) -> f32 {
  return select(0.0, x[row * columns + min(column, columns - 1u)], column < columns);
}

fn input_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let k = 4u * quad;
  return vec4<f32>(input_at(row, k, columns), input_at(row, k + 1u, columns), input_at(row, k + 2u, columns),
    input_at(row, k + 3u, columns));
}
