//! A team is one invocation, so nothing is shared and no barrier is needed: the form for software adapters, which run barriers slowly.

const TEAM_LANES: u32 = 1u;
const TEAMS_PER_GROUP: u32 = 16u;
const GROUP_SIZE: u32 = TEAM_LANES * TEAMS_PER_GROUP;
/// Values that a team may hold in common (team_put, team_get).
const TEAM_VALUES: u32 = 16u;

var<private> team_values: array<f32, TEAM_VALUES>;

/// Vectors that a team may hold in common (team_put_vector, team_get_vector).
const TEAM_VECTORS: u32 = 64u;
const LANE_VECTORS: u32 = 64u;
var<private> team_vectors: array<vec4<f32>, TEAM_VECTORS>;

fn team_index(group: u32, local: u32) -> u32 {
  return group * TEAMS_PER_GROUP + local;
}

fn team_lane(local: u32) -> u32 {
  return 0u;
}

fn team_sum(lane: u32, value: vec4<f32>) -> vec4<f32> {
  return value;
}

fn team_max(lane: u32, value: vec4<f32>) -> vec4<f32> {
  return value;
}

fn team_best(lane: u32, value: vec2<f32>) -> vec2<f32> {
  return value;
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

fn team_sync() {
}

/// The same for what lanes wrote to storage buffers.
fn team_sync_storage() {
}
