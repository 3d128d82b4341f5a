//! The first half of sampling (dev.crema.sampling.Sampler), one team a chunk of a row: penalties, biases, mask and temperature, then the
//! best of the chunk. Without filters that is the best draw; with them the largest logit, and the sum of the exponentials below it.
//! params     Params
//! partials   vec4<f32> [outputs, chunks]: value or score of the chunk's best, its token, the sum, 0
//! logits     f32 [outputs, vocab]
//! counts     u32 [lanes, vocab], as begin.wgsl leaves them
//! scaled     f32 [outputs, vocab]: the edited logits over the temperature, MASKED where a token may not come; written for filters only
//! grid       (outputs * chunks / TEAMS_PER_GROUP up, 1, 1)
//! use        grid team sampling

struct Params {
  vocab: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> logits: array<f32>;
@group(0) @binding(4) var<storage, read> counts: array<u32>;
@group(0) @binding(5) var<storage, read_write> scaled: array<f32>;

/// Where nothing is counted.
const NO_COUNTS: u32 = 0xffffffffu;

fn finite(value: f32) -> f32 {
  let bits = bitcast<u32>(value);
  let is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return select(clamp(value, LOWEST, -LOWEST), LOWEST, is_nan || bits == 0xff800000u);
}

fn allowed(record: u32, token: u32) -> bool {
  let mask_at = batch[record + SAMPLE_MASK_AT];
  return mask_at == 0u || ((batch[mask_at + token / 32u] >> (token % 32u)) & 1u) != 0u;
}

/// What is added to the token's logit by request: biases are pairs of arrays, ids in ascending order and then values.
fn bias_of(record: u32, token: u32) -> f32 {
  let biases = batch[record + SAMPLE_BIASES];
  let at = batch[record + SAMPLE_BIASES_AT];
  var low = 0u;
  var high = biases;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (batch[at + middle] < token) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  if (low < biases && batch[at + low] == token) {
    return bitcast<f32>(batch[at + biases + low]);
  }
  return 0.0;
}

/// How often the reply has the token so far, with COUNT_PROMPT. The counts hold tokens after this row as well, where one step has several.
fn count_of(record: u32, token: u32) -> u32 {
  let counts_at = batch[record + SAMPLE_COUNTS_AT];
  if (counts_at == NO_COUNTS) {
    return 0u;
  }
  var count = counts[counts_at + token];
  for (var i = 0u; i < batch[record + SAMPLE_LATER]; i++) {
    count -= select(0u, 1u, batch_token_id(batch[record + SAMPLE_LATER_AT] + i) == token);
  }
  return count;
}

fn edited(row: u32, record: u32, token: u32) -> f32 {
  var value = finite(logits[row * params.vocab + token]);
  let count = count_of(record, token);
  let bias = bias_of(record, token);
  if (count != 0u || bias != 0.0) {
    let replies = count & ~COUNT_PROMPT;
    let repetition = select(1.0, record_float(record, SAMPLE_REPETITION), count != 0u);
    let shift = bias - record_float(record, SAMPLE_FREQUENCY) * f32(replies)
      - select(0.0, record_float(record, SAMPLE_PRESENCE), replies > 0u);
    value = finite(select(value * repetition, value / repetition, value > 0.0) + shift);
  }
  if (batch[record + SAMPLE_MODE] != MODE_GREEDY) {
    value = clamp(value * record_float(record, SAMPLE_INVERSE), LOWEST, -LOWEST);
  }
  return select(MASKED, value, allowed(record, token));
}

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let team = team_index(grid_group(group, groups), local);
  let row = team / chunks_of(params.vocab);
  if (row >= batch_rows(BATCH_OUTPUTS)) {
    return;
  }
  let record = batch_sample_at(row);
  if (record == 0u) {
    return;
  }
  let lane = team_lane(local);
  let mode = batch[record + SAMPLE_MODE];
  let start = team % chunks_of(params.vocab) * CHUNK;
  var best = vec2<f32>(MASKED, NOBODY);
  var sum = 0.0;
  for (var token = start + lane; token < min(params.vocab, start + CHUNK); token += TEAM_LANES) {
    var value = edited(row, record, token);
    if (mode == MODE_FILTER) {
      scaled[row * params.vocab + token] = value;
    }
    if (value == MASKED) {
      continue;
    }
    // No draw adds more than 17.5, so most tokens need none.
    if (mode == MODE_DRAW && value + 17.5 >= best.x) {
      value = score_of(record, token, value);
    }
    if (value > best.x) {
      sum = sum * weight_of(best.x - value) + 1.0;
      best = vec2<f32>(value, f32(token));
    } else {
      sum += weight_of(value - best.x);
    }
  }
  let winner = team_best(lane, best);
  let total = team_sum(lane, vec4<f32>(sum * weight_of(best.x - winner.x))).x;
  if (lane == 0u) {
    partials[team] = vec4<f32>(winner, total, 0.0);
  }
}
