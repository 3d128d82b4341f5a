//! Rotary position embedding: pair i of each head turns by position * frequencies[i] / factors[i], one pair an invocation.
//! params        Params
//! x, out        f32 [tokens, heads * head_dim]
//! frequencies   f32 [pairs]
//! factors       f32 [pairs]
//! grid          (tokens * heads * ceil(head_dim / 2) / 64 up, 1, 1)
//! use           grid batch rotation

struct Params {
  heads: u32,
  head_dim: u32,
  pairs: u32,
  interleaved: u32,
  magnitude: f32,
  has_factors: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> frequencies: array<f32>;
@group(0) @binding(5) var<storage, read> factors: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let halves = (params.head_dim + 1u) / 2u;
  let pair = index % halves;
  let head = index / halves;
  if (head >= batch_rows(BATCH_TOKENS) * params.heads) {
    return;
  }
  let at = head * params.head_dim;
  if (pair >= params.pairs) {
    // Channels past the table stay as they are.
    for (var i = 2u * pair; i < min(2u * pair + 2u, params.head_dim); i++) {
      out[at + i] = x[at + i];
    }
    return;
  }
  let a = at + select(pair, 2u * pair, params.interleaved != 0u);
  let b = select(a + params.pairs, a + 1u, params.interleaved != 0u);
  let factor = select(1.0, factors[min(pair, arrayLength(&factors) - 1u)], params.has_factors != 0u);
  let angle = f32(batch_position(head / params.heads)) * (frequencies[pair] / factor);
  let turn = rotation(angle) * params.magnitude;
  let first = x[a];
  let second = x[b];
  out[a] = first * turn.x - second * turn.y;
  out[b] = first * turn.y + second * turn.x;
}
