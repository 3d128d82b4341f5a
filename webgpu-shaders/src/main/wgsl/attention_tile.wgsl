//! Causal grouped-query attention of many tokens over the paged KV cache (flash attention, arXiv 2307.08691). A workgroup takes 32 rows, a
//! row being a query head of one kv head's group of one token, against tiles of 32 keys: first the scores, by chunks of 32 channels, four
//! rows by four keys a lane; then the softmax goes on, a row a lane; then each lane adds to some quads of four rows. Rows of several sequences take
//! turns. Values of more than 256 channels are cut into parts, each with a workgroup of its own that makes the scores once more. Workgroup
//! memory: 12.5 KB.
//! out    f32 [tokens, heads * value_dim]
//! grid   (ceil(tokens * heads / kv_heads / 32) * kv_heads * ceil(value_dim / 256), 1, 1)
//! use    grid batch attention_params attention_input kv_cache

@group(0) @binding(5) var<storage, read_write> out: array<f32>;

const LANES: u32 = 64u;
const ROWS: u32 = 32u;
const KEYS: u32 = 32u;
/// Quads of a chunk of channels.
const CHUNK: u32 = 8u;
/// Eighths of the quads of a head's value, or of a part of it, rounded up: quads that a lane sums up of each row.
override LANE_QUADS: u32 = 8u;
const MOST_LANE_QUADS: u32 = 8u;
/// Quads of a part of a value.
const PART_QUADS: u32 = 64u;
const NO_ROW: u32 = 0xffffffffu;

/// Queries of a chunk [quad, row].
var<workgroup> some_queries: array<vec4<f32>, 256>;
/// Keys of a chunk [quad, key], later some values [key, quad].
var<workgroup> some_keys: array<vec4<f32>, 256>;
/// [key, row]: scores, then weights.
var<workgroup> weights: array<f32, 1024>;
/// Where the rows of the tile's keys begin in the cache.
var<workgroup> key_rows: array<u32, KEYS>;
var<workgroup> largest: array<f32, ROWS>;
var<workgroup> totals: array<f32, ROWS>;
var<workgroup> shrinks: array<f32, ROWS>;

/// A run of tokens of one sequence, and what they see between them.
struct Segment {
  first: u32,
  end: u32,
  pages_at: u32,
  from_key: u32,
  to_key: u32,
}

fn group_size() -> u32 {
  return params.heads / params.kv_heads;
}

fn token_of(row: u32) -> u32 {
  return row / group_size();
}

fn head_of(row: u32, kv_head: u32) -> u32 {
  return kv_head * group_size() + row % group_size();
}

fn segment_of(first: u32, end: u32) -> Segment {
  var segment: Segment;
  segment.first = first;
  segment.pages_at = batch_pages_at(first);
  segment.end = first + 1u;
  while (segment.end < end && batch_pages_at(segment.end) == segment.pages_at) {
    segment.end++;
  }
  segment.from_key = first_seen(last_seen(first)) / KEYS * KEYS;
  segment.to_key = last_seen(segment.end - 1u) + 1u;
  return segment;
}

/// Looks up the keys of a tile.
fn find_keys(segment: Segment, kv_head: u32, tile: u32, lane: u32) {
  if (lane < KEYS) {
    var at = NO_ROW;
    if (tile + lane < segment.to_key) {
      at = kv_row_of(batch_slot_of(segment.pages_at, tile + lane), kv_head, params.kv_heads) * kv_row(params.head_dim);
    }
    key_rows[lane] = at;
  }
}

/// Puts a chunk of the queries and keys where all lanes read them.
fn load_chunk(first_row: u32, kv_head: u32, chunk: u32, lane: u32) {
  for (var i = lane; i < CHUNK * ROWS; i += LANES) {
    let row = first_row + i % ROWS;
    let quad = chunk + i / ROWS;
    var query = vec4<f32>(0.0);
    if (token_of(row) < batch_rows(BATCH_TOKENS)) {
      query = params.scale * input_quad(token_of(row), head_of(row, kv_head), quad);
    }
    some_queries[i] = query;
    var key = vec4<f32>(0.0);
    if (key_rows[i % KEYS] != NO_ROW && 4u * quad < params.head_dim) {
      key = kv_key(key_rows[i % KEYS], kv_units(params.head_dim), quad);
    }
    some_keys[i] = key;
  }
}

/// Adds a chunk to the scores of rows down, down + 8 ... with keys across, across + 8 ...
fn add_chunk(down: u32, across: u32, before: array<vec4<f32>, 4>) -> array<vec4<f32>, 4> {
  var sums = before;
  for (var quad = 0u; quad < CHUNK; quad++) {
    let at = quad * KEYS + across;
    let k0 = some_keys[at];
    let k1 = some_keys[at + 8u];
    let k2 = some_keys[at + 16u];
    let k3 = some_keys[at + 24u];
    for (var i = 0u; i < 4u; i++) {
      let query = some_queries[quad * ROWS + down + 8u * i];
      sums[i] += vec4<f32>(dot(query, k0), dot(query, k1), dot(query, k2), dot(query, k3));
    }
  }
  return sums;
}

/// The score where the row may see the key, else LOWEST.
fn masked(segment: Segment, row: u32, key: u32, score: f32) -> f32 {
  let token = token_of(row);
  if (token < segment.first || token >= segment.end) {
    return LOWEST;
  }
  let position = last_seen(token);
  return select(LOWEST, capped(score), key <= position && key >= first_seen(position));
}

/// Goes on with the softmax of a row.
fn weigh(row: u32) {
  var now = largest[row];
  for (var key = 0u; key < KEYS; key++) {
    now = max(now, weights[key * ROWS + row]);
  }
  let left = shrink(largest[row], now);
  var total = totals[row] * left;
  for (var key = 0u; key < KEYS; key++) {
    let score = weights[key * ROWS + row];
    let weight = select(0.0, exp(score - now), score > LOWEST);
    weights[key * ROWS + row] = weight;
    total += weight;
  }
  largest[row] = now;
  totals[row] = total;
  shrinks[row] = left;
}

/// Puts values of some keys, `first` and on, where all lanes read them: [key, 8 * LANE_QUADS], from quad `from_quad` on.
fn load_values(first: u32, from_quad: u32, lane: u32) {
  let width = 8u * LANE_QUADS;
  for (var i = lane; i < 256u; i += LANES) {
    let key = first + i / width;
    let quad = from_quad + i % width;
    var value = vec4<f32>(0.0);
    if (key < KEYS && key_rows[min(key, KEYS - 1u)] != NO_ROW && 4u * quad < params.value_dim) {
      value = kv_value(key_rows[key], kv_units(params.head_dim), quad);
    }
    some_keys[i] = value;
  }
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32) {
  let tokens = batch_rows(BATCH_TOKENS);
  let parts = (value_quads() + PART_QUADS - 1u) / PART_QUADS;
  let from_quad = grid_group(group, groups) % parts * PART_QUADS;
  let kv_head = grid_group(group, groups) / parts % params.kv_heads;
  let first_row = grid_group(group, groups) / parts / params.kv_heads * ROWS;
  if (token_of(first_row) >= tokens) {
    return;
  }
  let end_token = min(tokens, token_of(first_row + ROWS - 1u) + 1u);
  let down = lane / 8u;
  let across = lane % 8u;
  let quads = (params.head_dim + 3u) / 4u;
  if (lane < ROWS) {
    largest[lane] = sink_of(head_of(first_row + lane, kv_head));
    totals[lane] = select(0.0, 1.0, params.sinks_at != NONE);
  }
  var sums = array<array<vec4<f32>, 4>, MOST_LANE_QUADS>();
  var next = token_of(first_row);
  while (next < end_token) {
    let segment = segment_of(next, end_token);
    next = segment.end;
    for (var tile = segment.from_key; tile < segment.to_key; tile += KEYS) {
      find_keys(segment, kv_head, tile, lane);
      var scores = array<vec4<f32>, 4>();
      for (var chunk = 0u; chunk < quads; chunk += CHUNK) {
        workgroupBarrier();
        load_chunk(first_row, kv_head, chunk, lane);
        workgroupBarrier();
        scores = add_chunk(down, across, scores);
      }
      for (var i = 0u; i < 4u; i++) {
        for (var j = 0u; j < 4u; j++) {
          let row = down + 8u * i;
          let key = across + 8u * j;
          weights[key * ROWS + row] = masked(segment, first_row + row, tile + key, scores[i][j]);
        }
      }
      workgroupBarrier();
      if (lane < ROWS) {
        weigh(lane);
      }
      workgroupBarrier();
      for (var n = 0u; n < LANE_QUADS; n++) {
        for (var i = 0u; i < 4u; i++) {
          sums[n][i] *= shrinks[down + 8u * i];
        }
      }
      let step = 32u / LANE_QUADS;
      for (var first = 0u; first < KEYS; first += step) {
        load_values(first, from_quad, lane);
        workgroupBarrier();
        for (var key = 0u; key < min(step, KEYS - first); key++) {
          let at = (first + key) * ROWS + down;
          let four = vec4<f32>(weights[at], weights[at + 8u], weights[at + 16u], weights[at + 24u]);
          for (var n = 0u; n < LANE_QUADS; n++) {
            let value = some_keys[key * 8u * LANE_QUADS + 8u * n + across];
            for (var i = 0u; i < 4u; i++) {
              sums[n][i] += four[i] * value;
            }
          }
        }
        workgroupBarrier();
      }
    }
  }
  for (var i = 0u; i < 4u; i++) {
    let row = first_row + down + 8u * i;
    if (token_of(row) >= tokens) {
      continue;
    }
    let at = (token_of(row) * params.heads + head_of(row, kv_head)) * params.value_dim;
    for (var n = 0u; n < LANE_QUADS; n++) {
      let quad = from_quad + 8u * n + across;
      let value = sums[n][i] / totals[down + 8u * i];
      for (var c = 0u; c < min(4u, params.value_dim - min(params.value_dim, 4u * quad)); c++) {
        out[at + 4u * quad + c] = value[c];
      }
    }
  }
}
