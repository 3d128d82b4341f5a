//! One token a row, as dev.crema.sampling.Sampler defines it; a team a row. Filters are thresholds on ordered float bits, found by
//! bisection, two bits a pass; then every token left draws a number and the best wins. No sort, no running sum.
//! params   Params
//! logits   f32 [outputs, vocab]
//! scaled   f32 [outputs, vocab], scratch: edited and divided by the temperature
//! out      i32 [outputs], -1 where a row has no sampling record
//! grid     (outputs / TEAMS_PER_GROUP up, 1, 1)
//! use      grid batch team random

struct Params {
  vocab: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<i32>;
@group(0) @binding(3) var<storage, read> logits: array<f32>;
@group(0) @binding(4) var<storage, read_write> scaled: array<f32>;

// The words of a sampling record. Floats are there by their bits; SAMPLE_INVERSE (1 / temperature) is 0 for the most likely token.
const SAMPLE_INVERSE: u32 = 0u;
const SAMPLE_TOP_K: u32 = 1u;
const SAMPLE_TOP_P: u32 = 2u;
const SAMPLE_LOG_MIN_P: u32 = 3u;
const SAMPLE_TYPICAL_P: u32 = 4u;
const SAMPLE_SEED_LOW: u32 = 5u;
const SAMPLE_SEED_HIGH: u32 = 6u;
const SAMPLE_POSITION: u32 = 7u;
const SAMPLE_EDITS: u32 = 8u;
const SAMPLE_EDITS_AT: u32 = 9u;

/// Stands for minus infinity, which WGSL does not promise.
const LOWEST: f32 = -3.4e38;
/// Terms of a partial sum: keeps the error of a sum over a whole vocabulary small.
const CHUNK: u32 = 256u;

// How a candidate is ordered and what it counts.
const BY_COUNT: u32 = 0u;
const BY_WEIGHT: u32 = 1u;
const BY_TYPICAL: u32 = 2u;

/// What is left after the filters so far: scaled logits from least on. typical is the target of the typical filter.
struct Left {
  at: u32,
  least: f32,
  largest: f32,
  typical: f32,
}

fn record_float(record: u32, word: u32) -> f32 {
  return bitcast<f32>(batch[record + word]);
}

/// Bits in an order that unsigned comparison respects.
fn key_of(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits ^ 0x80000000u, ~bits, bits >= 0x80000000u);
}

fn value_of(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key ^ 0x80000000u, key >= 0x80000000u));
}

fn finite(value: f32) -> f32 {
  let bits = bitcast<u32>(value);
  let is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return select(clamp(value, LOWEST, -LOWEST), LOWEST, is_nan || bits == 0xff800000u);
}

fn weigh(left: Left, value: f32) -> f32 {
  let distance = value - left.largest;
  return select(0.0, exp(max(distance, -110.0)), distance > -104.0);
}

fn order(left: Left, by: u32, value: f32) -> u32 {
  return key_of(select(value, -abs(left.typical - (value - left.largest)), by == BY_TYPICAL));
}

/// Over what is left: sums of the weights (or counts) of keys from each of three thresholds on, and of all.
fn sums_from(left: Left, by: u32, thresholds: vec3<u32>, lane: u32) -> vec4<f32> {
  var sum = vec4<f32>(0.0);
  for (var start = 0u; start < params.vocab; start += CHUNK * TEAM_LANES) {
    var part = vec4<f32>(0.0);
    for (var i = start + lane; i < min(params.vocab, start + CHUNK * TEAM_LANES); i += TEAM_LANES) {
      let value = scaled[left.at + i];
      if (value >= left.least) {
        let key = order(left, by, value);
        var term = 1.0;
        if (by != BY_COUNT) {
          term = weigh(left, value);
        }
        part += select(vec4<f32>(0.0), vec4<f32>(term), vec4<bool>(vec3<u32>(key) >= thresholds, true));
      }
    }
    sum += part;
  }
  return team_sum(lane, sum);
}

/// The largest key from which on the sums reach target.
fn cutoff(left: Left, by: u32, target_sum: f32, lane: u32) -> u32 {
  var key = 0u;
  for (var shift = 30i; shift >= 0; shift -= 2) {
    let one = 1u << u32(shift);
    let steps = vec3<u32>(key | one, key | (one * 2u), key | (one * 3u));
    let sums = sums_from(left, by, steps, lane);
    key = select(select(select(key, steps.x, sums.x >= target_sum), steps.y, sums.y >= target_sum), steps.z, sums.z >= target_sum);
  }
  return key;
}

/// Edits the row's logits and scales them; the largest and its place.
fn load(row: u32, record: u32, lane: u32) -> vec2<f32> {
  let at = row * params.vocab;
  for (var i = lane; i < params.vocab; i += TEAM_LANES) {
    scaled[at + i] = finite(logits[at + i]);
  }
  team_sync_storage();
  let edits = batch[record + SAMPLE_EDITS];
  let edits_at = batch[record + SAMPLE_EDITS_AT];
  for (var i = lane; i < edits; i += TEAM_LANES) {
    let place = at + batch[edits_at + i];
    let scale = bitcast<f32>(batch[edits_at + edits + i]);
    let shift = bitcast<f32>(batch[edits_at + 2u * edits + i]);
    let logit = scaled[place];
    scaled[place] = finite(select(logit * scale, logit / scale, logit > 0.0) + shift);
  }
  team_sync_storage();
  let inverse = record_float(record, SAMPLE_INVERSE);
  var best = vec2<f32>(LOWEST, 1.0e9);
  for (var i = lane; i < params.vocab; i += TEAM_LANES) {
    var value = scaled[at + i];
    if (inverse > 0.0) {
      value = clamp(value * inverse, LOWEST, -LOWEST);
      scaled[at + i] = value;
    }
    if (value > best.x || best.y == 1.0e9) {
      best = vec2<f32>(value, f32(i));
    }
  }
  team_sync_storage();
  return team_best(lane, best);
}

/// Narrows what is left by the filters of the record; the keys from which on the typical filter keeps.
fn filter_row(left: ptr<function, Left>, record: u32, lane: u32) -> u32 {
  let top_k = batch[record + SAMPLE_TOP_K];
  if (top_k > 0u && top_k < params.vocab) {
    (*left).least = value_of(cutoff(*left, BY_COUNT, f32(top_k), lane));
  }
  let top_p = record_float(record, SAMPLE_TOP_P);
  if (top_p < 1.0) {
    let total = sums_from(*left, BY_WEIGHT, vec3<u32>(0u), lane).w;
    (*left).least = max((*left).least, value_of(cutoff(*left, BY_WEIGHT, top_p * total, lane)));
  }
  (*left).least = max((*left).least, (*left).largest + record_float(record, SAMPLE_LOG_MIN_P));
  let typical_p = record_float(record, SAMPLE_TYPICAL_P);
  if (typical_p >= 1.0) {
    return 0u;
  }
  let total = sums_from(*left, BY_WEIGHT, vec3<u32>(0u), lane).w;
  (*left).typical = log_mean(*left, lane) / total;
  return cutoff(*left, BY_TYPICAL, typical_p * total, lane);
}

/// The sum of weight * log weight over what is left.
fn log_mean(left: Left, lane: u32) -> f32 {
  var sum = 0.0;
  for (var start = 0u; start < params.vocab; start += CHUNK * TEAM_LANES) {
    var part = 0.0;
    for (var i = start + lane; i < min(params.vocab, start + CHUNK * TEAM_LANES); i += TEAM_LANES) {
      let value = scaled[left.at + i];
      let weight = weigh(left, value);
      if (value >= left.least && weight > 0.0) {
        part += weight * (value - left.largest);
      }
    }
    sum += part;
  }
  return team_sum(lane, vec4<f32>(sum)).x;
}

/// Gumbel-max over what is left.
fn race(left: Left, typical_key: u32, record: u32, lane: u32) -> vec2<f32> {
  let seed = vec2<u32>(batch[record + SAMPLE_SEED_LOW], batch[record + SAMPLE_SEED_HIGH]);
  let position = batch[record + SAMPLE_POSITION];
  var best = vec2<f32>(LOWEST, 1.0e9);
  for (var i = lane; i < params.vocab; i += TEAM_LANES) {
    let value = scaled[left.at + i];
    // No draw adds more than 17.5, so most tokens need none.
    if (value >= left.least && value + 17.5 >= best.x && (typical_key == 0u || order(left, BY_TYPICAL, value) >= typical_key)) {
      let score = value - log(random_exponential(random_bits(seed, position, i)));
      if (score > best.x || best.y == 1.0e9) {
        best = vec2<f32>(score, f32(i));
      }
    }
  }
  return team_best(lane, best);
}

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let row = team_index(grid_group(group, groups), local);
  if (row >= batch_rows(BATCH_OUTPUTS)) {
    return;
  }
  let lane = team_lane(local);
  let record = batch_sample_at(row);
  if (record == 0u) {
    if (lane == 0u) {
      out[row] = -1;
    }
    return;
  }
  var winner = load(row, record, lane);
  if (record_float(record, SAMPLE_INVERSE) > 0.0) {
    var left = Left(row * params.vocab, LOWEST, winner.x, 0.0);
    let typical_key = filter_row(&left, record, lane);
    winner = race(left, typical_key, record, lane);
  }
  if (lane == 0u) {
    out[row] = i32(winner.y);
  }
}
