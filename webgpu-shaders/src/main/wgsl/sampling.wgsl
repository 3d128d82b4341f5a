//! What the two kernels of the sampler share: the record of a row, and floats in order.
//! use     batch random

// The words of a sampling record. Floats are there by their bits; SAMPLE_INVERSE is 1 / temperature.
const SAMPLE_INVERSE: u32 = 0u;
const SAMPLE_TOP_K: u32 = 1u;
const SAMPLE_TOP_P: u32 = 2u;
const SAMPLE_LOG_MIN_P: u32 = 3u;
const SAMPLE_TYPICAL_P: u32 = 4u;
const SAMPLE_SEED_LOW: u32 = 5u;
const SAMPLE_SEED_HIGH: u32 = 6u;
const SAMPLE_POSITION: u32 = 7u;
const SAMPLE_MODE: u32 = 8u;
const SAMPLE_MASK_AT: u32 = 9u;
const SAMPLE_BIASES: u32 = 10u;
const SAMPLE_BIASES_AT: u32 = 11u;
const SAMPLE_COUNTS_AT: u32 = 12u;
const SAMPLE_REPETITION: u32 = 13u;
const SAMPLE_FREQUENCY: u32 = 14u;
const SAMPLE_PRESENCE: u32 = 15u;
const SAMPLE_LATER: u32 = 16u;
const SAMPLE_LATER_AT: u32 = 17u;

// How the winner is found: the largest logit, a draw from all, or a draw from what filters leave.
const MODE_GREEDY: u32 = 0u;
const MODE_DRAW: u32 = 1u;
const MODE_FILTER: u32 = 2u;

/// Logits of a row that one team of the first kernel looks at.
const CHUNK: u32 = 256u;
/// Stands for minus infinity, which WGSL does not promise.
const LOWEST: f32 = -3.4e38;
/// Below that: a token that may not come.
const MASKED: f32 = -3.402e38;
/// In place of a token's number: none so far.
const NOBODY: f32 = 1.0e9;

fn record_float(record: u32, word: u32) -> f32 {
  return bitcast<f32>(batch[record + word]);
}

fn chunks_of(vocab: u32) -> u32 {
  return (vocab + CHUNK - 1u) / CHUNK;
}

/// The exponential of a difference to the largest, which is never positive; 0 where a float has none.
fn weight_of(distance: f32) -> f32 {
  return select(0.0, exp(max(distance, -110.0)), distance > -104.0);
}

/// The value plus the noise of the draw: the largest score of a row wins (Gumbel-max).
fn score_of(record: u32, token: u32, value: f32) -> f32 {
  let seed = vec2<u32>(batch[record + SAMPLE_SEED_LOW], batch[record + SAMPLE_SEED_HIGH]);
  return value - log(random_exponential(random_bits(seed, batch[record + SAMPLE_POSITION], token)));
}
