//! A team is one workgroup; its subgroups sum up by themselves, whatever their size, and share the results through workgroup memory.
//! requires subgroups

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

/// Where the subgroups' results stand in team_partial, one every so many lanes: at each lane that is the first of its subgroup. A
/// subgroup whose lanes do not follow one another is not skipped over.
fn team_stride(lane: u32, first: u32) -> u32 {
  let size = subgroupAdd(1u);
  let regular = subgroupMax(lane) - first + 1u == size && first % size == 0u;
  return select(1u, size, regular);
}

/// The sum over the lanes, on every lane. The order of additions is fixed.
fn team_sum(lane: u32, value: vec4<f32>) -> vec4<f32> {
  let first = subgroupMin(lane);
  let stride = team_stride(lane, first);
  let part = subgroupAdd(value);
  workgroupBarrier();
  team_partial[lane] = select(vec4<f32>(0.0), part, lane == first);
  workgroupBarrier();
  var sum = team_partial[0];
  for (var i = stride; i < TEAM_LANES; i += stride) {
    sum += team_partial[i];
  }
  return sum;
}

/// The largest value of the lanes, component by component, on every lane.
fn team_max(lane: u32, value: vec4<f32>) -> vec4<f32> {
  let stride = team_stride(lane, subgroupMin(lane));
  let part = subgroupMax(value);
  workgroupBarrier();
  team_partial[lane] = part;
  workgroupBarrier();
  var largest = team_partial[0];
  for (var i = stride; i < TEAM_LANES; i += stride) {
    largest = max(largest, team_partial[i]);
  }
  return largest;
}

/// The lane's pair with the largest x, and of those the one with the smallest y, on every lane.
fn team_best(lane: u32, value: vec2<f32>) -> vec2<f32> {
  let stride = team_stride(lane, subgroupMin(lane));
  let largest = subgroupMax(value.x);
  let smallest = subgroupMin(select(3.4e38, value.y, value.x == largest));
  workgroupBarrier();
  team_partial[lane] = vec4<f32>(largest, smallest, 0.0, 0.0);
  workgroupBarrier();
  var best = team_partial[0].xy;
  for (var i = stride; i < TEAM_LANES; i += stride) {
    let other = team_partial[i].xy;
    let takes = other.x > best.x || (other.x == best.x && other.y < best.y);
    best = select(best, other, takes);
  }
  return best;
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
