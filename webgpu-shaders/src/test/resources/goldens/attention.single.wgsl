fn grid_group(group: vec3<u32>, groups: vec3<u32>) -> u32 {
return group.y * groups.x + group.x;
}
@group(0) @binding(1) var<storage, read> batch: array<u32>;
const BATCH_TOKENS: u32 = 0u;
const BATCH_OUTPUTS: u32 = 1u;
const BATCH_IDS_AT: u32 = 2u;
const BATCH_POSITIONS_AT: u32 = 3u;
const BATCH_SLOTS_AT: u32 = 4u;
const BATCH_PAGES_OF_AT: u32 = 5u;
const BATCH_OUTPUT_TOKENS_AT: u32 = 6u;
const BATCH_SAMPLES_AT: u32 = 7u;
const PAGE_TOKENS: u32 = 16u;
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
const TEAM_LANES: u32 = 1u;
const TEAMS_PER_GROUP: u32 = 16u;
const GROUP_SIZE: u32 = TEAM_LANES * TEAMS_PER_GROUP;
const TEAM_VALUES: u32 = 16u;
var<private> team_values: array<f32, TEAM_VALUES>;
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
fn team_sync_storage() {
}
struct Params {
heads: u32,
kv_heads: u32,
head_dim: u32,
window: u32,
scale: f32,
softcap: f32,
has_sinks: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> q: array<f32>;
@group(0) @binding(4) var<storage, read> k_cache: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> v_cache: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> sinks: array<f32>;
const LOWEST: f32 = -3.0e38;
fn load_query(at: u32, quads: u32, lane: u32) {
for (var quad = lane; quad < quads; quad += TEAM_LANES) {
var value = vec4<f32>(0.0);
for (var i = 0u; i < min(4u, params.head_dim - 4u * quad); i++) {
value[i] = q[at + 4u * quad + i] * params.scale;
}
team_put_vector(quad, value);
}
team_sync();
}
fn score(kv_at: u32, quads: u32) -> f32 {
var sum = 0.0;
for (var quad = 0u; quad < quads; quad++) {
sum += dot(team_get_vector(quad), k_cache[kv_at + quad]);
}
let grown = exp(clamp(2.0 * sum / params.softcap, -40.0, 40.0)) + 1.0;
return select(sum, params.softcap - 2.0 * params.softcap / grown, params.softcap > 0.0);
}
@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
@builtin(local_invocation_index) local: u32) {
let team = team_index(grid_group(group, groups), local);
let token = team / params.heads;
if (token >= batch_rows(BATCH_TOKENS)) {
return;
}
let lane = team_lane(local);
let quads = (params.head_dim + 3u) / 4u;
let kv_head = team % params.heads / (params.heads / params.kv_heads);
let pages_at = batch_pages_at(token);
let end = batch_position(token) + 1u;
let start = select(0u, end - min(end, params.window), params.window > 0u);
load_query(team * params.head_dim, quads, lane);
var sums: array<vec4<f32>, LANE_VECTORS>;
let head = team % params.heads;
var largest = select(LOWEST, sinks[min(head, arrayLength(&sinks) - 1u)], params.has_sinks != 0u);
var total = select(0.0, 1.0, params.has_sinks != 0u);
for (var tile = start; tile < end; tile += TEAM_VALUES) {
let count = min(TEAM_VALUES, end - tile);
var lane_largest = largest;
for (var i = lane; i < count; i += TEAM_LANES) {
let value = score((batch_slot_of(pages_at, tile + i) * params.kv_heads + kv_head) * quads, quads);
team_put(i, value);
lane_largest = max(lane_largest, value);
}
let tile_largest = team_max(lane, vec4<f32>(lane_largest)).x;
var lane_total = 0.0;
for (var i = lane; i < count; i += TEAM_LANES) {
let value = exp(team_get(i) - tile_largest);
team_put(i, value);
lane_total += value;
}
let shrink = exp(max(largest - tile_largest, -100.0));
total = total * shrink + team_sum(lane, vec4<f32>(lane_total)).x;
largest = tile_largest;
for (var n = 0u; n < LANE_VECTORS; n++) {
let quad = n * TEAM_LANES + lane;
if (quad < quads) {
var sum = sums[n] * shrink;
for (var i = 0u; i < count; i++) {
sum += team_get(i) * v_cache[(batch_slot_of(pages_at, tile + i) * params.kv_heads + kv_head) * quads + quad];
}
sums[n] = sum;
}
}
team_sync();
}
for (var n = 0u; n < LANE_VECTORS; n++) {
let quad = n * TEAM_LANES + lane;
if (quad < quads) {
let value = sums[n] / total;
for (var i = 0u; i < min(4u, params.head_dim - 4u * quad); i++) {
out[team * params.head_dim + 4u * quad + i] = value[i];
}
}
}
}
