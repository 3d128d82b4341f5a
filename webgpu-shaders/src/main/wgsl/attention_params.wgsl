//! What the kernels of an attention have in common: its numbers.
//! params   Params
//! use      batch

struct Params {
  heads: u32,
  kv_heads: u32,
  head_dim: u32,
  window: u32,
  scale: f32,
  softcap: f32,
  /// Channels of a row of x.
  channels: u32,
  /// Splits that the partial results have room for.
  max_splits: u32,
  /// Where these begin in the table, or NONE.
  sinks_at: u32,
  q_norm_at: u32,
  k_norm_at: u32,
  factors_at: u32,
  frequencies_at: u32,
  q_eps: f32,
  k_eps: f32,
  /// Pairs of channels that turn, 0 for none.
  pairs: u32,
  interleaved: u32,
  magnitude: f32,
  /// Whether tokens see all of their sequence, not only what is before them.
  sees_all: u32,
  /// Channels of a head of v, and of the result.
  value_dim: u32,
  /// Whether v is the first channels of k, which the cache then keeps alone.
  latent: u32,
}

@group(0) @binding(0) var<uniform> params: Params;

const NONE: u32 = 0xffffffffu;
/// Below every score.
const LOWEST: f32 = -3.0e38;

/// The last position that a token sees: its own, or that of its sequence's last token, which a record of the sequence tells (begin.wgsl).
fn last_seen(token: u32) -> u32 {
  if (params.sees_all == 0u) {
    return batch_position(token);
  }
  var record = batch[BATCH_SEQUENCES_AT];
  let end = record + BATCH_SEQUENCE_WORDS * (batch[BATCH_SEQUENCES] - 1u);
  while (record < end && token >= batch[record] + batch[record + 1u]) {
    record += BATCH_SEQUENCE_WORDS;
  }
  return batch[record + 2u] - 1u;
}

/// Quads of a head of v.
fn value_quads() -> u32 {
  return (params.value_dim + 3u) / 4u;
}

/// The first position that a token sees.
fn first_seen(position: u32) -> u32 {
  return select(0u, position + 1u - min(position + 1u, params.window), params.window > 0u);
}

fn capped(score: f32) -> f32 {
  if (params.softcap == 0.0) {
    return score;
  }
  // tanh(x) as 1 - 2 / (e^2x + 1), bounded where it is 1 anyway.
  let grown = exp(clamp(2.0 * score / params.softcap, -40.0, 40.0)) + 1.0;
  return params.softcap - 2.0 * params.softcap / grown;
}

/// What is left of sums when the largest score grows.
fn shrink(before: f32, now: f32) -> f32 {
  return exp(max(before - now, -100.0));
}
