//! Lists the entries of a batch expert by expert, in tiles, so that a mat-mul reads an expert's weights once a tile. A team an expert:
//! it counts the entries of lower experts, which is where its own begin, and finds its own. Tiles of expert e begin at tile
//! before / EXPERT_TILE + e: room for all of them whatever the counts, and at most one empty tile an expert.
//! params   Params
//! routes   f32 [rows, 2 * top_k]
//! lists    u32 [3 * tiles, then entries from entries_at on]; see expert_tiles
//! grid     (experts / TEAMS_PER_GROUP up, 1, 1)
//! use      grid batch team expert_tiles

struct Params {
  rows_of: u32,
  top_k: u32,
  experts: u32,
  entries_at: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> lists: array<u32>;
@group(0) @binding(3) var<storage, read> routes: array<f32>;

fn expert_of(entry: u32) -> u32 {
  return u32(routes[entry / params.top_k * 2u * params.top_k + entry % params.top_k]);
}

/// How many of this lane's entries are of lower experts, and of this one.
fn count_entries(expert: u32, entries: u32, lane: u32) -> vec2<u32> {
  var counts = vec2<u32>(0u);
  for (var entry = lane; entry < entries; entry += TEAM_LANES) {
    let other = expert_of(entry);
    counts += vec2<u32>(u32(other < expert), u32(other == expert));
  }
  return counts;
}

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let expert = team_index(grid_group(group, groups), local);
  if (expert >= params.experts) {
    return;
  }
  let lane = team_lane(local);
  let entries = batch_rows(params.rows_of) * params.top_k;
  let mine = count_entries(expert, entries, lane);
  // Counts stay far below 2^24, where f32 still has every integer.
  let sums = team_sum(lane, vec4<f32>(vec2<f32>(mine), 0.0, 0.0));
  let before = u32(sums.x);
  let count = u32(sums.y);
  let first = before / EXPERT_TILE + expert;
  let end = (before + count) / EXPERT_TILE + expert + 1u;
  for (var tile = first + lane; tile < end; tile += TEAM_LANES) {
    let skipped = min(count, (tile - first) * EXPERT_TILE);
    lists[TILE_WORDS * tile] = expert;
    lists[TILE_WORDS * tile + 1u] = before + skipped;
    lists[TILE_WORDS * tile + 2u] = min(EXPERT_TILE, count - skipped);
  }
  team_put(lane, f32(mine.y));
  team_sync();
  var at = params.entries_at + before;
  for (var i = 0u; i < lane; i++) {
    at += u32(team_get(i));
  }
  for (var entry = lane; entry < entries; entry += TEAM_LANES) {
    if (expert_of(entry) == expert) {
      lists[at] = entry;
      at++;
    }
  }
}
