//! Chooses the experts of each row as dev.crema.graph.Routing defines it, a team a row. The next expert is the best that is not among
//! the taken ones, so nothing is sorted.
//! params   Params
//! scores   f32 [rows, experts]
//! bias     f32 [experts]
//! out      f32 [rows, 2 * top_k], the experts, best first, then their weights
//! grid     (rows / TEAMS_PER_GROUP up, 1, 1)
//! use      grid batch team

struct Params {
  rows_of: u32,
  experts: u32,
  top_k: u32,
  is_sigmoid: u32,
  normalise: u32,
  scale: f32,
  groups: u32,
  kept_groups: u32,
  group_best: u32,
  has_bias: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> scores: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;

/// Experts that a row may take.
const MOST_TAKEN: u32 = 128u;
/// Groups of which a row keeps some: a bit each.
const MOST_GROUPS: u32 = 32u;
/// Scores beyond are cut to it, so that no difference overflows; dev.crema.reference.Router does the same.
const HIGHEST: f32 = 1.0e38;

/// kept has a bit for each group whose experts may be taken.
struct Row {
  at: u32,
  largest: f32,
  total: f32,
  kept: u32,
}

var<private> taken: array<u32, MOST_TAKEN>;

fn number(value: f32) -> f32 {
  let is_nan = (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
  return select(clamp(value, -HIGHEST, HIGHEST), -HIGHEST, is_nan);
}

fn score(row: Row, expert: u32) -> f32 {
  return number(scores[row.at + expert]);
}

fn weigh(row: Row, expert: u32) -> f32 {
  let value = score(row, expert);
  if (params.is_sigmoid != 0u) {
    return 1.0 / (1.0 + exp(min(-value, 80.0)));
  }
  return exp(max(value - row.largest, -100.0)) / row.total;
}

fn choice(row: Row, expert: u32) -> f32 {
  if (params.has_bias == 0u && params.groups == 1u) {
    return score(row, expert);
  }
  return number(weigh(row, expert) + select(0.0, bias[min(expert, arrayLength(&bias) - 1u)], params.has_bias != 0u));
}

fn is_free(row: Row, expert: u32, count: u32) -> bool {
  var free = ((row.kept >> (expert / (params.experts / params.groups))) & 1u) == 1u;
  for (var i = 0u; i < count; i++) {
    free = free && taken[i] != expert;
  }
  return free;
}

/// The best of the experts first .. first+experts that is not among the count taken ones, as (choice, expert). Of equals the first.
fn next(row: Row, count: u32, first: u32, experts: u32, lane: u32) -> vec2<f32> {
  var best = vec2<f32>(-HIGHEST, 1.0e9);
  for (var i = lane; i < experts; i += TEAM_LANES) {
    let value = choice(row, first + i);
    if ((value > best.x || best.y == 1.0e9) && is_free(row, first + i, count)) {
      best = vec2<f32>(value, f32(first + i));
    }
  }
  return team_best(lane, best);
}

/// The bits of the groups whose best experts are worth most.
fn kept_groups(row: Row, lane: u32) -> u32 {
  let size = params.experts / params.groups;
  var values: array<f32, MOST_GROUPS>;
  for (var group = 0u; group < params.groups; group++) {
    var value = 0.0;
    for (var i = 0u; i < params.group_best; i++) {
      let best = next(row, i, group * size, size, lane);
      taken[i] = u32(best.y);
      value += best.x;
    }
    values[group] = value;
  }
  var kept = 0u;
  for (var i = 0u; i < params.kept_groups; i++) {
    var best = MOST_GROUPS;
    for (var group = 0u; group < params.groups; group++) {
      if (((kept >> group) & 1u) == 0u && (best == MOST_GROUPS || values[group] > values[min(best, MOST_GROUPS - 1u)])) {
        best = group;
      }
    }
    kept |= 1u << best;
  }
  return kept;
}

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let team = team_index(grid_group(group, groups), local);
  if (team >= batch_rows(params.rows_of)) {
    return;
  }
  let lane = team_lane(local);
  var row = Row(team * params.experts, -HIGHEST, 0.0, 0xffffffffu);
  for (var i = lane; i < params.experts; i += TEAM_LANES) {
    row.largest = max(row.largest, score(row, i));
  }
  row.largest = team_max(lane, vec4<f32>(row.largest)).x;
  for (var i = lane; i < params.experts; i += TEAM_LANES) {
    row.total += exp(max(score(row, i) - row.largest, -100.0));
  }
  row.total = team_sum(lane, vec4<f32>(row.total)).x;
  if (params.groups > 1u) {
    row.kept = kept_groups(row, lane);
  }
  let at = team * 2u * params.top_k;
  var sum = 0.0;
  for (var i = 0u; i < params.top_k; i++) {
    let expert = u32(next(row, i, 0u, params.experts, lane).y);
    taken[i] = expert;
    sum += weigh(row, expert);
  }
  if (lane == 0u) {
    let factor = select(params.scale, params.scale / (sum + 1.0e-20), params.normalise != 0u);
    for (var i = 0u; i < params.top_k; i++) {
      out[at + i] = f32(taken[i]);
      out[at + params.top_k + i] = weigh(row, taken[i]) * factor;
    }
  }
}
