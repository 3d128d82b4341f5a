//! Activations as pack_halves leaves them.
//! x          f16 [rows, columns / 32 up * 32]
//! x_scales   f32 [rows]
//! requires   f16

@group(0) @binding(4) var<storage, read> x: array<vec4<f16>>;
@group(0) @binding(7) var<storage, read> x_scales: array<f32>;
