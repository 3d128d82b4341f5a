//! Where a token's attention goes: to out where one team sees all of its context, else to partial results, of each split the weighted sum of
//! values, and the largest score, the sum of weights and the number of splits in one more vec4.
//! out        f32 [tokens, heads * value_dim]
//! partials   f32 [tokens, heads, max_splits, 4 * (quads + 1)]
//! use        attention_params

@group(0) @binding(5) var<storage, read_write> out: array<f32>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4<f32>>;

fn partial_at(token: u32, head: u32, split: u32) -> u32 {
  return ((token * params.heads + head) * params.max_splits + split) * (value_quads() + 1u);
}

/// One quad of the sum of one split.
fn put_quad(token: u32, head: u32, quad: u32, split: u32, splits: u32, sum: vec4<f32>, total: f32) {
  if (splits > 1u) {
    partials[partial_at(token, head, split) + quad] = sum;
    return;
  }
  let value = sum / total;
  for (var i = 0u; i < min(4u, params.value_dim - 4u * quad); i++) {
    out[(token * params.heads + head) * params.value_dim + 4u * quad + i] = value[i];
  }
}

fn put_totals(token: u32, head: u32, split: u32, splits: u32, largest: f32, total: f32) {
  if (splits > 1u) {
    partials[partial_at(token, head, split) + value_quads()] = vec4<f32>(largest, total, f32(splits), 0.0);
  }
}
