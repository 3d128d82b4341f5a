//! The same as attention_split, attention_tile and their likes, one token, head and split an invocation, without barriers: for software
//! adapters.
//! grid   (tokens * heads / 16 up, 1, splits)
//! use    grid batch attention_params attention_input attention_partials kv_cache query

/// Quads of a head at most, and where the token's own k and v come with the query.
const MOST_QUADS: u32 = 160u;
const MOST_OWN_QUADS: u32 = 64u;

var<private> own_key: array<vec4<f32>, MOST_OWN_QUADS>;
var<private> own_value: array<vec4<f32>, MOST_OWN_QUADS>;

/// Puts a token's k and v, which stand in x, into the cache where `writes`, and sees them from now on as they are there.
fn keep(token: u32, kv_head: u32, writes: bool) {
  let head = params.heads + kv_head;
  let squares = query_squares(token, head, 0u, 1u);
  let units = kv_units(params.head_dim);
  let at = kv_row_of(batch_slot(token), kv_head, params.kv_heads) * kv_row(params.head_dim);
  var scales = vec4<u32>();
  for (var block = 0u; 32u * block < params.head_dim; block++) {
    var key = array<vec4<f32>, 8>();
    var value = array<vec4<f32>, 8>();
    for (var i = 0u; i < 8u; i++) {
      key[i] = query_quad(token, head, 8u * block + i, squares);
      value[i] = input_quad(token, head + params.kv_heads, 8u * block + i);
    }
    let packed_key = kv_pack(key);
    let packed_value = kv_pack(value);
    scales[block % 4u] = pack2x16float(vec2<f32>(packed_key.scale, packed_value.scale));
    let rounded = unpack2x16float(scales[block % 4u]);
    for (var i = 0u; i < 8u; i++) {
      own_key[8u * block + i] = kv_unpack(packed_key.units[i / KV_UNIT_QUADS], i % KV_UNIT_QUADS, rounded.x);
      own_value[8u * block + i] = kv_unpack(packed_value.units[i / KV_UNIT_QUADS], i % KV_UNIT_QUADS, rounded.y);
    }
    if (writes) {
      let unit = block * KV_BLOCK_UNITS;
      kv_put(at + unit, units - unit, packed_key);
      kv_put(at + units + unit, units - unit, packed_value);
      if (KV_SCALED) {
        cache[at + 2u * units + block / 4u] = scales;
      }
    }
  }
}

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 16u + local;
  let token = index / params.heads;
  if (token >= batch_rows(BATCH_TOKENS)) {
    return;
  }
  let head = index % params.heads;
  let kv_head = head / (params.heads / params.kv_heads);
  let pages_at = batch_pages_at(token);
  let position = last_seen(token);
  let start = first_seen(position);
  let last = position / PAGE_TOKENS + 1u;
  let share = (last - start / PAGE_TOKENS + groups.z - 1u) / groups.z;
  let from_page = min(last, start / PAGE_TOKENS + group.z * share);
  let to_page = min(last, from_page + share);
  let owns = QUERY_OWNS && to_page == last && from_page < last;
  if (owns) {
    keep(token, kv_head, head % (params.heads / params.kv_heads) == 0u);
  }

  let units = kv_units(params.head_dim);
  let row = kv_row(params.head_dim);
  let quads = (params.head_dim + 3u) / 4u;
  let sums_quads = value_quads();
  var query = array<vec4<f32>, MOST_QUADS>();
  let squares = query_squares(token, head, 0u, 1u);
  for (var quad = 0u; quad < quads; quad++) {
    query[quad] = params.scale * query_quad(token, head, quad, squares);
  }
  var sums = array<vec4<f32>, MOST_QUADS>();
  var largest = select(LOWEST, sink_of(head), group.z == 0u);
  var total = select(0.0, 1.0, group.z == 0u && params.sinks_at != NONE);
  for (var page = from_page; page < to_page; page++) {
    let first = max(start, page * PAGE_TOKENS);
    let count = min(position + 1u, (page + 1u) * PAGE_TOKENS) - first;
    let at = kv_row_of(batch_slot_of(pages_at, first), kv_head, params.kv_heads) * row;
    var weights = array<f32, PAGE_TOKENS>();
    var now = largest;
    for (var i = 0u; i < count; i++) {
      var sum = 0.0;
      if (owns && first + i == position) {
        for (var quad = 0u; quad < quads; quad++) {
          sum += dot(query[quad], own_key[min(quad, MOST_OWN_QUADS - 1u)]);
        }
      } else {
        for (var quad = 0u; quad < quads; quad++) {
          sum += dot(query[quad], kv_key(at + i * row, units, quad));
        }
      }
      weights[i] = capped(sum);
      now = max(now, weights[i]);
    }
    let left = shrink(largest, now);
    largest = now;
    total *= left;
    for (var quad = 0u; quad < sums_quads; quad++) {
      sums[quad] *= left;
    }
    for (var i = 0u; i < count; i++) {
      let weight = exp(weights[i] - now);
      total += weight;
      if (owns && first + i == position) {
        for (var quad = 0u; quad < sums_quads; quad++) {
          sums[quad] += weight * own_value[min(quad, MOST_OWN_QUADS - 1u)];
        }
      } else {
        for (var quad = 0u; quad < sums_quads; quad++) {
          sums[quad] += weight * kv_value(at + i * row, units, quad);
        }
      }
    }
  }
  put_totals(token, head, group.z, groups.z, largest, total);
  for (var quad = 0u; quad < sums_quads; quad++) {
    put_quad(token, head, quad, group.z, groups.z, sums[quad], total);
  }
}
