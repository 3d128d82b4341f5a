//! The biases of experts in the format of the file: 0 there are none, 1 f32, 2 f16, 3 bf16.
//! bias   u32 [words]

@group(0) @binding(5) var<storage, read> bias: array<u32>;

fn expert_bias(format: u32, at: u32) -> f32 {
  if (format == 0u) {
    return 0.0;
  }
  if (format == 1u) {
    return bitcast<f32>(bias[at]);
  }
  let bits = bias[at / 2u] >> (at % 2u * 16u);
  if (format == 2u) {
    return unpack2x16float(bits).x;
  }
  return bitcast<f32>(bits << 16u);
}
