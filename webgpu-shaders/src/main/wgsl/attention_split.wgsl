//! Causal grouped-query attention of single tokens over the paged KV cache, split over the context (flash-decoding). A workgroup takes one
//! split for some query heads of one kv head, so that k and v are read once for all of them. By tiles of 64 positions: each lane has
//! the scores of one key, then all together the weights, then each lane sums up some quads of the values.
//! grid   (tokens * kv_heads * ceil(heads / kv_heads / TEAM_QUERIES), 1, splits)
//! use    grid batch attention_params attention_input attention_partials kv_cache query

const LANES: u32 = 64u;
const TILE: u32 = 64u;
/// Query heads of a workgroup, at most and here.
const MOST_QUERIES: u32 = 8u;
override TEAM_QUERIES: u32 = 8u;
/// Pairs of a query head and a quad of channels that a lane sums up, at most.
const LANE_SUMS: u32 = 8u;

/// [query, quad], scaled; a row has whole units. TEAM_QUERIES rows fit.
var<workgroup> queries: array<vec4<f32>, 512>;
/// [query, key]: scores, then weights.
var<workgroup> scores: array<f32, 512>;
/// Of eight lanes each, and the key's beside those of the queries.
var<workgroup> reduced: array<f32, 72>;
var<workgroup> maxima: array<f32, MOST_QUERIES>;
var<workgroup> shrinks: array<f32, MOST_QUERIES>;
/// k, then v, of the token itself, where the cache has not got them yet, and the scales of their blocks.
var<workgroup> own: array<vec4<f32>, 128>;
var<workgroup> own_scales: array<f32, 16>;

/// Which part of the attention a workgroup makes.
struct Task {
  token: u32,
  kv_head: u32,
  /// The first query head, and how many.
  head: u32,
  count: u32,
  position: u32,
  start: u32,
  /// Tiles of positions.
  from_tile: u32,
  to_tile: u32,
  /// Of a row of queries.
  quads: u32,
  /// Whether x has k and v of this token, and they belong to this split.
  owns: bool,
}

fn task_of(team: u32, split: u32, splits: u32) -> Task {
  var task: Task;
  let group = params.heads / params.kv_heads;
  let blocks = (group + TEAM_QUERIES - 1u) / TEAM_QUERIES;
  task.token = team / (params.kv_heads * blocks);
  task.kv_head = team / blocks % params.kv_heads;
  let first = team % blocks * TEAM_QUERIES;
  task.head = task.kv_head * group + first;
  task.count = min(TEAM_QUERIES, group - first);
  task.position = last_seen(task.token);
  task.start = first_seen(task.position);
  let last = task.position / TILE + 1u;
  let share = (last - task.start / TILE + splits - 1u) / splits;
  task.from_tile = min(last, task.start / TILE + split * share);
  task.to_tile = min(last, task.from_tile + share);
  task.quads = kv_units(params.head_dim) * KV_UNIT_QUADS;
  task.owns = QUERY_OWNS && task.to_tile == last && task.from_tile < last;
  return task;
}

/// Puts the queries where all lanes read them, with norm and rotation where they have some, and the token's own k and v.
fn load(task: Task, lane: u32) {
  if (QUERY_OWNS) {
    for (var i = lane; i < 8u * (task.count + 1u); i += LANES) {
      let head = select(task.head + i / 8u, params.heads + task.kv_head, i / 8u == task.count);
      reduced[i] = query_squares(task.token, head, i % 8u, 8u);
    }
    workgroupBarrier();
  }
  for (var i = lane; i < TEAM_QUERIES * task.quads; i += LANES) {
    let query = i / task.quads;
    var value = vec4<f32>(0.0);
    if (query < task.count) {
      value = params.scale * query_quad(task.token, task.head + query, i % task.quads, squares(query));
    }
    queries[i] = value;
  }
  if (QUERY_OWNS) {
    if (task.owns) {
      for (var quad = lane; quad < 64u; quad += LANES) {
        own[quad] = query_quad(task.token, params.heads + task.kv_head, quad, squares(task.count));
        own[64u + quad] = input_quad(task.token, params.heads + params.kv_heads + task.kv_head, quad);
      }
    }
    workgroupBarrier();
    if (task.owns) {
      keep(task, lane);
    }
  }
  workgroupBarrier();
}

fn squares(query: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < 8u; i++) {
    sum += reduced[8u * query + i];
  }
  return sum;
}

/// Puts the token's k and v into the cache, a block a lane, and sees them from now on as they are there.
fn keep(task: Task, lane: u32) {
  let blocks = (params.head_dim + 31u) / 32u;
  if (lane >= 2u * blocks) {
    return;
  }
  let block = lane % blocks;
  let own_at = lane / blocks * 64u + 8u * block;
  var values = array<vec4<f32>, 8>();
  for (var i = 0u; i < 8u; i++) {
    values[i] = own[own_at + i];
  }
  let packed = kv_pack(values);
  let scale = unpack2x16float(pack2x16float(vec2<f32>(packed.scale, 0.0))).x;
  own_scales[lane / blocks * 8u + block] = packed.scale;
  for (var i = 0u; i < 8u; i++) {
    own[own_at + i] = kv_unpack(packed.units[i / KV_UNIT_QUADS], i % KV_UNIT_QUADS, scale);
  }
  if (task.head % (params.heads / params.kv_heads) == 0u) {
    let units = kv_units(params.head_dim);
    let unit = block * KV_BLOCK_UNITS;
    kv_put(row_at(batch_slot(task.token), task.kv_head) + lane / blocks * units + unit, units - unit, packed);
  }
}

/// The scales of up to four blocks, which stand in one vec4.
fn keep_scales(task: Task, lane: u32) {
  if (KV_SCALED && task.owns && lane < (params.head_dim + 127u) / 128u && task.head % (params.heads / params.kv_heads) == 0u) {
    var words = vec4<u32>();
    for (var i = 0u; i < 4u; i++) {
      words[i] = pack2x16float(vec2<f32>(own_scales[4u * lane + i], own_scales[8u + 4u * lane + i]));
    }
    cache[row_at(batch_slot(task.token), task.kv_head) + 2u * kv_units(params.head_dim) + lane] = words;
  }
}

fn row_at(slot: u32, kv_head: u32) -> u32 {
  return kv_row_of(slot, kv_head, params.kv_heads) * kv_row(params.head_dim);
}

/// The products of all queries with the key at a position.
fn products(task: Task, pages_at: u32, position: u32) -> array<f32, MOST_QUERIES> {
  var sums = array<f32, MOST_QUERIES>();
  let units = kv_units(params.head_dim);
  let at = row_at(batch_slot_of(pages_at, position), task.kv_head);
  let mine = QUERY_OWNS && position == task.position;
  for (var unit = 0u; unit < units; unit++) {
    var words = vec4<u32>();
    var scale = 0.0;
    if (!mine) {
      words = cache[at + unit];
      scale = kv_scales(at, units, unit).x;
    }
    for (var i = 0u; i < KV_UNIT_QUADS; i++) {
      let quad = unit * KV_UNIT_QUADS + i;
      let key = select(kv_unpack(words, i, scale), own[min(quad, 63u)], mine);
      for (var query = 0u; query < TEAM_QUERIES; query++) {
        sums[query] += dot(queries[query * task.quads + quad], key);
      }
    }
  }
  return sums;
}

/// The largest score of each query's tile, in eight parts.
fn reduce(lane: u32) {
  var largest = LOWEST;
  for (var i = 0u; i < 8u; i++) {
    largest = max(largest, scores[8u * lane + i]);
  }
  reduced[lane] = largest;
}

/// The weighted sum of one quad of channels over a tile, added to what the tiles before have come to.
fn weigh(task: Task, pages_at: u32, tile: u32, query: u32, quad: u32, before: vec4<f32>) -> vec4<f32> {
  var sum = before * shrinks[query];
  let units = kv_units(params.head_dim);
  let row = kv_row(params.head_dim);
  let end = min(task.position + select(1u, 0u, QUERY_OWNS), tile * TILE + TILE);
  var position = max(task.start, tile * TILE);
  while (position < end) {
    let page_end = min(end, (position / PAGE_TOKENS + 1u) * PAGE_TOKENS);
    var at = row_at(batch_slot_of(pages_at, position), task.kv_head);
    for (; position < page_end; position++) {
      sum += scores[query * TILE + position % TILE] * kv_value(at, units, quad);
      at += row;
    }
  }
  if (QUERY_OWNS && task.position / TILE == tile) {
    sum += scores[query * TILE + task.position % TILE] * own[64u + quad];
  }
  return sum;
}

fn total_of(query: u32, before: f32) -> f32 {
  var total = before * shrinks[query];
  for (var i = 0u; i < TILE; i++) {
    total += scores[query * TILE + i];
  }
  return total;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32) {
  let blocks = (params.heads / params.kv_heads + TEAM_QUERIES - 1u) / TEAM_QUERIES;
  let team = grid_group(group, groups);
  if (team >= batch_rows(BATCH_TOKENS) * params.kv_heads * blocks) {
    return;
  }
  let task = task_of(team, group.z, groups.z);
  let pages_at = batch_pages_at(task.token);
  load(task, lane);
  keep_scales(task, lane);

  let quads = value_quads();
  let pairs = task.count * quads;
  var largest = array<f32, MOST_QUERIES>();
  for (var query = 0u; query < TEAM_QUERIES; query++) {
    largest[query] = select(LOWEST, sink_of(task.head + min(query, task.count - 1u)), group.z == 0u);
  }
  var sums = array<vec4<f32>, LANE_SUMS>();
  var total = select(0.0, 1.0, group.z == 0u && params.sinks_at != NONE);
  for (var tile = task.from_tile; tile < task.to_tile; tile++) {
    let position = tile * TILE + lane;
    let visible = position >= task.start && position <= task.position;
    var mine = array<f32, MOST_QUERIES>();
    if (visible) {
      mine = products(task, pages_at, position);
    }
    for (var query = 0u; query < TEAM_QUERIES; query++) {
      mine[query] = select(LOWEST, capped(mine[query]), visible);
      scores[query * TILE + lane] = mine[query];
    }
    workgroupBarrier();
    if (lane < 8u * TEAM_QUERIES) {
      reduce(lane);
    }
    workgroupBarrier();
    for (var query = 0u; query < TEAM_QUERIES; query++) {
      var now = largest[query];
      for (var i = 0u; i < 8u; i++) {
        now = max(now, reduced[8u * query + i]);
      }
      scores[query * TILE + lane] = select(0.0, exp(mine[query] - now), visible);
      if (lane == query) {
        shrinks[query] = shrink(largest[query], now);
        maxima[query] = now;
      }
      largest[query] = now;
    }
    workgroupBarrier();
    for (var n = 0u; n < LANE_SUMS; n++) {
      let pair = n * LANES + lane;
      if (pair < pairs) {
        sums[n] = weigh(task, pages_at, tile, pair / quads, pair % quads, sums[n]);
      }
    }
    if (lane < task.count) {
      total = total_of(lane, total);
    }
    workgroupBarrier();
  }
  if (task.from_tile == task.to_tile && lane < task.count) {
    // A split beyond the context's end has seen nothing.
    maxima[lane] = LOWEST;
  }
  if (lane < task.count) {
    put_totals(task.token, task.head + lane, group.z, groups.z, maxima[lane], total);
    shrinks[lane] = total;
  }
  workgroupBarrier();
  for (var n = 0u; n < LANE_SUMS; n++) {
    let pair = n * LANES + lane;
    if (pair < pairs) {
      put_quad(task.token, task.head + pair / quads, pair % quads, group.z, groups.z, sums[n], shrinks[pair / quads]);
    }
  }
}
