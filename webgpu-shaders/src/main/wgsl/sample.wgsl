//! The second half of sampling (dev.crema.sampling.Sampler), one team a row: the best of the chunks' best. Where there are filters, what
//! they can keep is gathered first, from the chunks that have any of it; their thresholds are found on ordered float bits by bisection, two
//! bits a pass; then every token left draws a number and the best wins. No sort, no running sum.
//! params     Params
//! out        i32 [outputs], -1 where a row has no sampling record
//! partials   vec4<f32> [outputs, chunks], as sample_chunks.wgsl leaves them
//! scaled     f32 [outputs, vocab], from there as well; what is gathered replaces it from the row's start, dealt out to the lanes
//! ids        u32 [outputs, vocab]: the tokens of what is gathered
//! grid       (outputs / TEAMS_PER_GROUP up, 1, 1)
//! use        grid team sampling

struct Params {
  vocab: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<i32>;
@group(0) @binding(3) var<storage, read> partials: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> scaled: array<f32>;
@group(0) @binding(5) var<storage, read_write> ids: array<u32>;

/// Terms of a partial sum: keeps the error of a sum over a whole vocabulary small.
const TERMS: u32 = 256u;

// How a candidate is ordered and what it counts; BY_CHUNK counts the chunks' largest instead of candidates.
const BY_COUNT: u32 = 0u;
const BY_WEIGHT: u32 = 1u;
const BY_TYPICAL: u32 = 2u;
const BY_CHUNK: u32 = 3u;

/// What is left after the filters so far: of this lane's candidates those from least on. at is the row's start, chunks_at that of its
/// chunks, typical the target of the typical filter.
struct Left {
  at: u32,
  chunks_at: u32,
  candidates: u32,
  least: f32,
  largest: f32,
  typical: f32,
}

/// Bits in an order that unsigned comparison respects.
fn key_of(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits ^ 0x80000000u, ~bits, bits >= 0x80000000u);
}

fn value_of(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key ^ 0x80000000u, key >= 0x80000000u));
}

fn order(left: Left, by: u32, value: f32) -> u32 {
  return key_of(select(value, -abs(left.typical - (value - left.largest)), by == BY_TYPICAL));
}

fn candidate_at(left: Left, index: u32, lane: u32) -> u32 {
  return left.at + index * TEAM_LANES + lane;
}

/// Over what is left: sums of the weights (or counts) of keys from each of three thresholds on, and of all.
fn sums_from(left: Left, by: u32, thresholds: vec3<u32>, lane: u32) -> vec4<f32> {
  var count = left.candidates;
  if (by == BY_CHUNK) {
    count = (chunks_of(params.vocab) + TEAM_LANES - 1u - lane) / TEAM_LANES;
  }
  var sum = vec4<f32>(0.0);
  for (var start = 0u; start < count; start += TERMS) {
    var part = vec4<f32>(0.0);
    for (var i = start; i < min(count, start + TERMS); i++) {
      var value = 0.0;
      if (by == BY_CHUNK) {
        value = partials[left.chunks_at + i * TEAM_LANES + lane].x;
      } else {
        value = scaled[candidate_at(left, i, lane)];
      }
      if (value >= left.least) {
        let key = order(left, by, value);
        let term = select(1.0, weight_of(value - left.largest), by == BY_WEIGHT || by == BY_TYPICAL);
        part += select(vec4<f32>(0.0), vec4<f32>(term), vec4<bool>(vec3<u32>(key) >= thresholds, true));
      }
    }
    sum += part;
  }
  return team_sum(lane, sum);
}

/// The largest key from which on the sums reach target; 0 where they never do.
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

/// Leaves only what has at least this key.
fn keep_from(left: ptr<function, Left>, key: u32) {
  if (key > 0u) {
    (*left).least = max((*left).least, value_of(key));
  }
}

/// The sum of the exponentials of a whole row.
fn row_total(left: Left, lane: u32) -> f32 {
  var sum = 0.0;
  for (var chunk = lane; chunk < chunks_of(params.vocab); chunk += TEAM_LANES) {
    let partial = partials[left.chunks_at + chunk];
    sum += partial.z * weight_of(partial.x - left.largest);
  }
  return team_sum(lane, vec4<f32>(sum)).x;
}

/// No filter of the record keeps anything below this, as far as that is known without looking at single logits: as many chunks as top-k
/// keeps have their largest there; what top-p drops has less than 1 - p even if all the vocabulary were this likely.
fn bound(left: Left, record: u32, top_k: u32, lane: u32) -> f32 {
  let top_p = record_float(record, SAMPLE_TOP_P);
  if (top_k > 0u) {
    if (top_k > chunks_of(params.vocab)) {
      return LOWEST;
    }
    let key = cutoff(left, BY_CHUNK, f32(top_k), lane);
    return select(LOWEST, value_of(key), key > 0u);
  }
  if (top_p < 1.0) {
    let rest = 0.5 * (1.0 - top_p) * row_total(left, lane) / f32(params.vocab);
    return max(LOWEST, left.largest + log(rest));
  }
  return max(LOWEST, left.largest + record_float(record, SAMPLE_LOG_MIN_P));
}

/// Gathers what is at least `least`. A lane reads and writes places of its own only, and never one that it has still to read.
fn gather(left: ptr<function, Left>, least: f32, lane: u32) {
  var count = 0u;
  for (var chunk = 0u; chunk < chunks_of(params.vocab); chunk++) {
    if (partials[(*left).chunks_at + chunk].x < least) {
      continue;
    }
    for (var token = chunk * CHUNK + lane; token < min(params.vocab, (chunk + 1u) * CHUNK); token += TEAM_LANES) {
      let value = scaled[(*left).at + token];
      if (value >= least) {
        let at = (*left).at + count * TEAM_LANES + lane;
        scaled[at] = value;
        ids[at] = token;
        count++;
      }
    }
  }
  (*left).candidates = count;
}

/// Narrows what is left by the filters of the record; the key from which on the typical filter keeps.
fn filter_row(left: ptr<function, Left>, record: u32, lane: u32) -> u32 {
  var top_k = batch[record + SAMPLE_TOP_K];
  if (top_k >= params.vocab) {
    top_k = 0u;
  }
  gather(left, bound(*left, record, top_k, lane), lane);
  let top_p = record_float(record, SAMPLE_TOP_P);
  if (top_k > 0u) {
    keep_from(left, cutoff(*left, BY_COUNT, f32(top_k), lane));
  }
  if (top_p < 1.0) {
    var total = 0.0;
    if (top_k > 0u) {
      total = sums_from(*left, BY_WEIGHT, vec3<u32>(0u), lane).w;
    } else {
      total = row_total(*left, lane);
    }
    keep_from(left, cutoff(*left, BY_WEIGHT, top_p * total, lane));
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
  for (var start = 0u; start < left.candidates; start += TERMS) {
    var part = 0.0;
    for (var i = start; i < min(left.candidates, start + TERMS); i++) {
      let value = scaled[candidate_at(left, i, lane)];
      let weight = weight_of(value - left.largest);
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
  var best = vec2<f32>(MASKED, NOBODY);
  for (var i = 0u; i < left.candidates; i++) {
    let at = candidate_at(left, i, lane);
    let value = scaled[at];
    // No draw adds more than 17.5, so most tokens need none.
    if (value >= left.least && value + 17.5 >= best.x && (typical_key == 0u || order(left, BY_TYPICAL, value) >= typical_key)) {
      let score = score_of(record, ids[at], value);
      if (score > best.x || best.y == NOBODY) {
        best = vec2<f32>(score, f32(ids[at]));
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
  let chunks_at = row * chunks_of(params.vocab);
  var best = vec2<f32>(MASKED, NOBODY);
  for (var chunk = lane; chunk < chunks_of(params.vocab); chunk += TEAM_LANES) {
    let partial = partials[chunks_at + chunk].xy;
    if (partial.x > best.x) {
      best = partial;
    }
  }
  var winner = team_best(lane, best);
  if (batch[record + SAMPLE_MODE] == MODE_FILTER) {
    var left = Left(row * params.vocab, chunks_at, 0u, LOWEST, winner.x, 0.0);
    let typical_key = filter_row(&left, record, lane);
    winner = race(left, typical_key, record, lane);
  }
  if (lane == 0u) {
    out[row] = i32(winner.y);
  }
}
