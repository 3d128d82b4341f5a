//! What the attention reads beside the cache: heads of q, or of q, k and v one after the other, and constants.
//! x       f32 [tokens, channels]
//! table   f32 [words]: sinks, and more where query.rotary says so
//! use     attention_params

@group(0) @binding(3) var<storage, read> table: array<f32>;
@group(0) @binding(4) var<storage, read> x: array<f32>;

/// The logit of a head that has no value, LOWEST where there are none.
fn sink_of(head: u32) -> f32 {
  return select(LOWEST, table[min(params.sinks_at + head, arrayLength(&table) - 1u)], params.sinks_at != NONE);
}

/// A quad of a head; channels past the head's are zero.
fn input_quad(token: u32, head: u32, quad: u32) -> vec4<f32> {
  let at = token * params.channels + head * params.head_dim + 4u * quad;
  var value = vec4<f32>(0.0);
  for (var i = 0u; i < min(4u, params.head_dim - min(params.head_dim, 4u * quad)); i++) {
    value[i] = x[at + i];
  }
  return value;
}
