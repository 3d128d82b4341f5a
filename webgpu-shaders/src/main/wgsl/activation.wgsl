//! The functions of dev.crema.graph.Activation, by their ordinals there.

const ACTIVATION_SILU: u32 = 0u;
const ACTIVATION_GELU: u32 = 1u;
const ACTIVATION_GELU_TANH: u32 = 2u;
const ACTIVATION_QUICK_GELU: u32 = 3u;
const ACTIVATION_RELU: u32 = 4u;
const ACTIVATION_RELU2: u32 = 5u;
const ACTIVATION_TANH: u32 = 6u;
const ACTIVATION_IDENTITY: u32 = 7u;
const ACTIVATION_LIMITED_QUICK_GELU: u32 = 8u;

fn activation(kind: u32, x: f32) -> f32 {
  switch (kind) {
    case ACTIVATION_SILU: { return activation_sigmoided(x, 1.0); }
    case ACTIVATION_GELU: { return activation_gelu(x); }
    // 0.5 (1 + tanh u) is sigmoid(2u).
    case ACTIVATION_GELU_TANH: { return x / (1.0 + exp(min(-1.5957691 * x * (1.0 + 0.044715 * x * x), 80.0))); }
    case ACTIVATION_QUICK_GELU: { return activation_sigmoided(x, 1.702); }
    case ACTIVATION_RELU: { return max(x, 0.0); }
    case ACTIVATION_RELU2: { return max(x, 0.0) * max(x, 0.0); }
    case ACTIVATION_TANH: { return 1.0 - 2.0 / (exp(clamp(2.0 * x, -40.0, 40.0)) + 1.0); }
    case ACTIVATION_IDENTITY: { return x; }
    case ACTIVATION_LIMITED_QUICK_GELU: { return activation_sigmoided(min(x, 7.0), 1.702); }
    default: { return clamp(x, -7.0, 7.0) + 1.0; }
  }
}

/// x * sigmoid(slope * x). Past 80 the sigmoid is below every float that matters, and exp stays finite.
fn activation_sigmoided(x: f32, slope: f32) -> f32 {
  return x / (1.0 + exp(min(-slope * x, 80.0)));
}

/// With the error function of Abramowitz and Stegun, 7.1.26: x less its tail above 0, the tail's negative below.
fn activation_gelu(x: f32) -> f32 {
  let z = 0.70710678 * abs(x);
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return max(x, 0.0) - 0.5 * abs(x) * p * exp(-min(z * z, 80.0));
}
