//! Activations as pack_bytes leaves them.
//! x          u32 [rows, columns / 4]
//! x_scales   f32 [rows, columns / 32, 4]

@group(0) @binding(4) var<storage, read> x: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> x_scales: array<vec4<f32>>;
