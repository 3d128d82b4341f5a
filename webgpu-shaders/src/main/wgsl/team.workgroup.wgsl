//! A team is one workgroup, of 64 lanes unless the pipeline says otherwise. They share sums and values through workgroup memory: the form for GPUs.

/// A power of two.
override TEAM_LANES: u32 = 64u;
const TEAMS_PER_GROUP: u32 = 1u;
override GROUP_SIZE: u32 = TEAM_LANES;
/// Values that a team may hold in common (team_put, team_get).
const TEAM_VALUES: u32 = 64u;

var<workgroup> team_partial: array<vec4<f32>, TEAM_LANES>;
var<workgroup> team_values: array<f32, TEAM_VALUES>;

/// Vectors that a team may hold in common (team_put_vector, team_get_vector).
const TEAM_VECTORS: u32 = 64u;
/// Vectors a lane when they are dealt out, with at least 64 lanes.
const LANE_VECTORS: u32 = 1u;
var<workgroup> team_vectors: array<vec4<f32>, TEAM_VECTORS>;

fn team_index(group: u32, local: u32) -> u32 {
  return group;
}

fn team_lane(local: u32) -> u32 {
  return local;
}

/// The sum over the lanes, on every lane. The order of additions is fixed.
fn team_sum(lane: u32, value: vec4<f32>) -> vec4<f32> {
  workgroupBarrier();
  team_partial[lane] = value;
  for (var stride = TEAM_LANES / 2u; stride > 0u; stride = stride / 2u) {
    workgroupBarrier();
    if (lane < stride) {
      team_partial[lane] = team_partial[lane] + team_partial[lane + stride];
    }
  }
  workgroupBarrier();
  return team_partial[0];
}

/// The largest value of the lanes, component by component, on every lane.
fn team_max(lane: u32, value: vec4<f32>) -> vec4<f32> {
  workgroupBarrier();
  team_partial[lane] = value;
  for (var stride = TEAM_LANES / 2u; stride > 0u; stride = stride / 2u) {
    workgroupBarrier();
    if (lane < stride) {
      team_partial[lane] = max(team_partial[lane], team_partial[lane + stride]);
    }
  }
  workgroupBarrier();
  return team_partial[0];
}

/// The lane's pair with the largest x, and of those the one with the smallest y, on every lane.
fn team_best(lane: u32, value: vec2<f32>) -> vec2<f32> {
  workgroupBarrier();
  team_partial[lane] = vec4<f32>(value, 0.0, 0.0);
  for (var stride = TEAM_LANES / 2u; stride > 0u; stride = stride / 2u) {
    workgroupBarrier();
    if (lane < stride) {
      let mine = team_partial[lane];
      let other = team_partial[lane + stride];
      let takes = other.x > mine.x || (other.x == mine.x && other.y < mine.y);
      team_partial[lane] = select(mine, other, takes);
    }
  }
  workgroupBarrier();
  return team_partial[0].xy;
}

fn team_put(index: u32, value: f32) {
  team_values[index] = value;
}

fn team_get(index: u32) -> f32 {
  return team_values[index];
}

fn team_put_vector(index: u32, value: vec4<f32>) {
  team_vectors[index] = value;
}

fn team_get_vector(index: u32) -> vec4<f32> {
  return team_vectors[index];
}

/// What was put before it can be got after it, by every lane.
fn team_sync() {
  workgroupBarrier();
}

/// The same for what lanes wrote to storage buffers.
fn team_sync_storage() {
  storageBarrier();
}
