fn grid_group(group: vec3<u32>, groups: vec3<u32>) -> u32 {
return group.y * groups.x + group.x;
}
const BATCH_TOKENS: u32 = 0u;
const BATCH_OUTPUTS: u32 = 1u;
const BATCH_IDS_AT: u32 = 2u;
const BATCH_POSITIONS_AT: u32 = 3u;
const BATCH_SLOTS_AT: u32 = 4u;
const BATCH_PAGES_OF_AT: u32 = 5u;
const BATCH_OUTPUT_TOKENS_AT: u32 = 6u;
const BATCH_SAMPLES_AT: u32 = 7u;
const BATCH_SEQUENCES: u32 = 8u;
const BATCH_SEQUENCES_AT: u32 = 9u;
const BATCH_SEQUENCE_WORDS: u32 = 9u;
const PAGE_TOKENS: u32 = 16u;
const COUNT_PROMPT: u32 = 0x80000000u;
@group(0) @binding(1) var<storage, read> batch: array<u32>;
fn batch_rows(of_what: u32) -> u32 {
return batch[of_what];
}
fn batch_token_id(token: u32) -> u32 {
return batch[batch[BATCH_IDS_AT] + token];
}
fn batch_position(token: u32) -> u32 {
return batch[batch[BATCH_POSITIONS_AT] + token];
}
fn batch_slot(token: u32) -> u32 {
return batch[batch[BATCH_SLOTS_AT] + token];
}
fn batch_pages_at(token: u32) -> u32 {
return batch[batch[BATCH_PAGES_OF_AT] + token];
}
fn batch_slot_of(pages_at: u32, position: u32) -> u32 {
return batch[pages_at + position / PAGE_TOKENS] * PAGE_TOKENS + position % PAGE_TOKENS;
}
fn batch_output_token(row: u32) -> u32 {
return batch[batch[BATCH_OUTPUT_TOKENS_AT] + row];
}
fn batch_sample_at(row: u32) -> u32 {
return batch[batch[BATCH_SAMPLES_AT] + row];
}
struct Params {
heads: u32,
kv_heads: u32,
head_dim: u32,
window: u32,
scale: f32,
softcap: f32,
channels: u32,
max_splits: u32,
sinks_at: u32,
q_norm_at: u32,
k_norm_at: u32,
factors_at: u32,
frequencies_at: u32,
q_eps: f32,
k_eps: f32,
pairs: u32,
interleaved: u32,
magnitude: f32,
sees_all: u32,
value_dim: u32,
latent: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
const NONE: u32 = 0xffffffffu;
const LOWEST: f32 = -3.0e38;
fn last_seen(token: u32) -> u32 {
if (params.sees_all == 0u) {
return batch_position(token);
}
var record = batch[BATCH_SEQUENCES_AT];
let end = record + BATCH_SEQUENCE_WORDS * (batch[BATCH_SEQUENCES] - 1u);
while (record < end && token >= batch[record] + batch[record + 1u]) {
record += BATCH_SEQUENCE_WORDS;
}
return batch[record + 2u] - 1u;
}
fn value_quads() -> u32 {
return (params.value_dim + 3u) / 4u;
}
fn first_seen(position: u32) -> u32 {
return select(0u, position + 1u - min(position + 1u, params.window), params.window > 0u);
}
fn capped(score: f32) -> f32 {
if (params.softcap == 0.0) {
return score;
}
let grown = exp(clamp(2.0 * score / params.softcap, -40.0, 40.0)) + 1.0;
return params.softcap - 2.0 * params.softcap / grown;
}
fn shrink(before: f32, now: f32) -> f32 {
return exp(max(before - now, -100.0));
}
@group(0) @binding(3) var<storage, read> table: array<f32>;
@group(0) @binding(4) var<storage, read> x: array<f32>;
fn sink_of(head: u32) -> f32 {
return select(LOWEST, table[min(params.sinks_at + head, arrayLength(&table) - 1u)], params.sinks_at != NONE);
}
fn input_quad(token: u32, head: u32, quad: u32) -> vec4<f32> {
let at = token * params.channels + head * params.head_dim + 4u * quad;
var value = vec4<f32>(0.0);
for (var i = 0u; i < min(4u, params.head_dim - min(params.head_dim, 4u * quad)); i++) {
value[i] = x[at + i];
}
return value;
}
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4<f32>>;
fn partial_at(token: u32, head: u32, split: u32) -> u32 {
return ((token * params.heads + head) * params.max_splits + split) * (value_quads() + 1u);
}
fn put_quad(token: u32, head: u32, quad: u32, split: u32, splits: u32, sum: vec4<f32>, total: f32) {
if (splits > 1u) {
partials[partial_at(token, head, split) + quad] = sum;
return;
}
let value = sum / total;
for (var i = 0u; i < min(4u, params.value_dim - 4u * quad); i++) {
out[(token * params.heads + head) * params.value_dim + 4u * quad + i] = value[i];
}
}
fn put_totals(token: u32, head: u32, split: u32, splits: u32, largest: f32, total: f32) {
if (splits > 1u) {
partials[partial_at(token, head, split) + value_quads()] = vec4<f32>(largest, total, f32(splits), 0.0);
}
}
const KV_UNIT_QUADS: u32 = 8u;
const KV_BLOCK_UNITS: u32 = 1u;
const KV_SCALED: bool = true;
struct KvBlock {
units: array<vec4<u32>, KV_BLOCK_UNITS>,
scale: f32,
}
fn kv_pack(block: array<vec4<f32>, 8>) -> KvBlock {
var largest = 0.0;
for (var i = 0u; i < 32u; i++) {
let value = block[i / 4u][i % 4u];
largest = select(largest, value, abs(value) > abs(largest));
}
var packed: KvBlock;
packed.scale = largest / -8.0;
let inverse = select(0.0, 1.0 / packed.scale, packed.scale != 0.0);
for (var i = 0u; i < 8u; i++) {
let q = min(vec4<u32>(block[i] * inverse + 8.5), vec4<u32>(15u));
let half_word = q.x | (q.y << 4u) | (q.z << 8u) | (q.w << 12u);
packed.units[0][i / 2u] |= half_word << (i % 2u * 16u);
}
return packed;
}
fn kv_unpack(unit: vec4<u32>, i: u32, scale: f32) -> vec4<f32> {
let half_word = unit[i / 2u] >> (i % 2u * 16u);
return scale * (vec4<f32>((vec4<u32>(half_word) >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u)) - 8.0);
}
@group(0) @binding(2) var<storage, read_write> cache: array<vec4<u32>>;
fn kv_units(head_dim: u32) -> u32 {
return ((head_dim + 3u) / 4u + KV_UNIT_QUADS - 1u) / KV_UNIT_QUADS;
}
fn kv_scales_at(units: u32) -> u32 {
return select(2u * units, units, params.latent != 0u);
}
fn kv_row(head_dim: u32) -> u32 {
return kv_scales_at(kv_units(head_dim)) + select(0u, (head_dim + 127u) / 128u, KV_SCALED);
}
fn kv_row_of(slot: u32, kv_head: u32, kv_heads: u32) -> u32 {
return (slot / PAGE_TOKENS * kv_heads + kv_head) * PAGE_TOKENS + slot % PAGE_TOKENS;
}
fn kv_scales(row_at: u32, units: u32, unit: u32) -> vec2<f32> {
if (!KV_SCALED) {
return vec2<f32>(1.0);
}
let block = unit / KV_BLOCK_UNITS;
return unpack2x16float(cache[row_at + kv_scales_at(units) + block / 4u][block % 4u]);
}
fn kv_key(row_at: u32, units: u32, quad: u32) -> vec4<f32> {
let unit = quad / KV_UNIT_QUADS;
return kv_unpack(cache[row_at + unit], quad % KV_UNIT_QUADS, kv_scales(row_at, units, unit).x);
}
fn kv_value(row_at: u32, units: u32, quad: u32) -> vec4<f32> {
if (params.latent != 0u) {
return kv_key(row_at, units, quad);
}
let unit = quad / KV_UNIT_QUADS;
return kv_unpack(cache[row_at + units + unit], quad % KV_UNIT_QUADS, kv_scales(row_at, units, unit).y);
}
fn kv_put(at: u32, count: u32, block: KvBlock) {
for (var i = 0u; i < min(count, KV_BLOCK_UNITS); i++) {
cache[at + i] = block.units[i];
}
}
const QUERY_OWNS: bool = false;
fn query_squares(token: u32, head: u32, part: u32, parts: u32) -> f32 {
return 0.0;
}
fn query_quad(token: u32, head: u32, quad: u32, squares: f32) -> vec4<f32> {
return input_quad(token, head, quad);
}
const MOST_QUADS: u32 = 160u;
const MOST_OWN_QUADS: u32 = 64u;
var<private> own_key: array<vec4<f32>, MOST_OWN_QUADS>;
var<private> own_value: array<vec4<f32>, MOST_OWN_QUADS>;
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
