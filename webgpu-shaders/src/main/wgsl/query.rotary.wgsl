//! Queries and keys that get their heads' norm and their rotation on the way. x has heads of q, of k and of v side by side; the table has
//! the frequencies of the pairs, what divides them, and the weights of both norms, as far as there are any.
//! use   attention_input batch rotation

/// Whether x has k and v of the batch's tokens, which are still to be put into the cache.
const QUERY_OWNS: bool = true;

/// Where the weights of the norm of a head of q or k begin in the table.
fn norm_at(head: u32) -> u32 {
  return select(params.k_norm_at, params.q_norm_at, head < params.heads);
}

/// The sum of squares of some channels of a head, for its norm: every parts-th, from `part` on.
fn query_squares(token: u32, head: u32, part: u32, parts: u32) -> f32 {
  var sum = 0.0;
  if (norm_at(head) != NONE) {
    let at = token * params.channels + head * params.head_dim;
    for (var i = part; i < params.head_dim; i += parts) {
      sum += x[at + i] * x[at + i];
    }
  }
  return sum;
}

/// A channel of a head of q or k, with its norm.
fn normed(token: u32, head: u32, channel: u32, squares: f32) -> f32 {
  let value = x[token * params.channels + head * params.head_dim + channel];
  let at = norm_at(head);
  if (at == NONE) {
    return value;
  }
  let eps = select(params.k_eps, params.q_eps, head < params.heads);
  return value * (1.0 / sqrt(squares / f32(params.head_dim) + eps)) * table[at + channel];
}

/// The same after its rotation.
fn turned(token: u32, head: u32, channel: u32, squares: f32) -> f32 {
  let own_value = normed(token, head, channel, squares);
  if (channel >= 2u * params.pairs) {
    return own_value;
  }
  let neighbours = params.interleaved != 0u;
  let pair = select(channel % params.pairs, channel / 2u, neighbours);
  let second = select(channel / params.pairs, channel % 2u, neighbours) == 1u;
  let distance = select(params.pairs, 1u, neighbours);
  let other = normed(token, head, select(channel + distance, channel - distance, second), squares);
  var frequency = table[params.frequencies_at + pair];
  if (params.factors_at != NONE) {
    frequency /= table[params.factors_at + pair];
  }
  let turn = rotation(f32(batch_position(token)) * frequency) * params.magnitude;
  return own_value * turn.x + select(-other, other, second) * turn.y;
}

/// A quad of a head of q or k, zero past its channels; `squares` is the sum over the head.
fn query_quad(token: u32, head: u32, quad: u32, squares: f32) -> vec4<f32> {
  var value = vec4<f32>(0.0);
  for (var i = 0u; i < min(4u, params.head_dim - min(params.head_dim, 4u * quad)); i++) {
    value[i] = turned(token, head, 4u * quad + i, squares);
  }
  return value;
}
