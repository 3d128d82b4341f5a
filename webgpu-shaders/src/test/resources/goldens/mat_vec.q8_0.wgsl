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
override TEAM_LANES: u32 = 64u;
const TEAMS_PER_GROUP: u32 = 1u;
override GROUP_SIZE: u32 = TEAM_LANES;
const TEAM_VALUES: u32 = 64u;
var<workgroup> team_partial: array<vec4<f32>, TEAM_LANES>;
var<workgroup> team_values: array<f32, TEAM_VALUES>;
const TEAM_VECTORS: u32 = 64u;
const LANE_VECTORS: u32 = 1u;
var<workgroup> team_vectors: array<vec4<f32>, TEAM_VECTORS>;
fn team_index(group: u32, local: u32) -> u32 {
return group;
}
fn team_lane(local: u32) -> u32 {
return local;
}
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
fn team_sync() {
workgroupBarrier();
}
fn team_sync_storage() {
storageBarrier();
}
@group(0) @binding(4) var<storage, read> x: array<vec4<f32>>;
fn input_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
return x[row * (columns / 4u) + quad];
}
@group(0) @binding(3) var<storage, read> weight: array<u32>;
const WEIGHT_QUADS: u32 = 2u;
fn weight_bytes(bits: u32) -> vec4<f32> {
return vec4<f32>((bitcast<vec4<i32>>(vec4<u32>(bits) << vec4<u32>(24u, 16u, 8u, 0u))) >> vec4<u32>(24u));
}
fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
let block = row * (columns / 32u) + quad / 8u;
let first = block * 17u / 2u;
let word = first + quad % 8u;
let odd = block % 2u == 1u;
let scale = unpack2x16float(weight[first]);
let next = weight[word + 1u];
let bits = select((weight[word] >> 16u) | (next << 16u), next, odd);
return select(scale.x, scale.y, odd) * weight_bytes(bits);
}
fn weight_quad(unit: u32, i: u32) -> u32 {
return 2u * unit + i;
}
fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
let block = row * (columns / 32u) + unit / 4u;
let first = block * 17u / 2u;
let word = first + unit % 4u * 2u;
let odd = block % 2u == 1u;
let scales = unpack2x16float(weight[first]);
let scale = select(scales.x, scales.y, odd);
let middle = weight[word + 1u];
let last = weight[word + 2u];
return array<vec4<f32>, WEIGHT_QUADS>(
scale * weight_bytes(select((weight[word] >> 16u) | (middle << 16u), middle, odd)),
scale * weight_bytes(select((middle >> 16u) | (last << 16u), last, odd)));
}
@group(0) @binding(6) var<storage, read> scale: array<vec4<f32>>;
const NORM: bool = true;
fn norm_scale(quad: u32) -> vec4<f32> {
return scale[quad];
}
const ROWS: u32 = 8u;
struct Params {
rows_of: u32,
columns: u32,
outputs: u32,
first: u32,
bias_first: u32,
count: u32,
has_bias: u32,
has_residual: u32,
selects: u32,
eps: f32,
activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
fn project_input(row: u32) -> u32 {
if (params.selects != 0u) {
return batch_output_token(row);
}
return row;
}
fn project_bias(at: u32) -> f32 {
return select(0.0, bias[min(params.bias_first + at, arrayLength(&bias) - 1u)], params.has_bias != 0u);
}
fn project_factors(lane: u32, squares: array<f32, ROWS>) -> array<f32, ROWS> {
var factors: array<f32, ROWS>;
for (var r = 0u; r < ROWS; r += 4u) {
let sum = team_sum(lane, vec4<f32>(squares[r], squares[min(r + 1u, ROWS - 1u)], squares[min(r + 2u, ROWS - 1u)],
squares[min(r + 3u, ROWS - 1u)]));
for (var i = 0u; i < min(4u, ROWS - r); i++) {
factors[r + i] = 1.0 / sqrt(sum[i] / f32(params.columns) + params.eps);
}
}
return factors;
}
fn project_rows(first: u32, rows: u32, outputs: vec4<u32>, lane: u32) -> array<vec4<f32>, ROWS> {
let columns = params.columns;
let units = (columns + 4u * WEIGHT_QUADS - 1u) / (4u * WEIGHT_QUADS);
var inputs: array<u32, ROWS>;
for (var r = 0u; r < ROWS; r++) {
inputs[r] = project_input(min(first + r, rows - 1u));
}
var sums: array<vec4<f32>, ROWS>;
var squares: array<f32, ROWS>;
for (var unit = lane; unit < units; unit += TEAM_LANES) {
let w0 = weight_unit(outputs.x, unit, columns);
let w1 = weight_unit(outputs.y, unit, columns);
let w2 = weight_unit(outputs.z, unit, columns);
let w3 = weight_unit(outputs.w, unit, columns);
for (var i = 0u; i < WEIGHT_QUADS; i++) {
let quad = weight_quad(unit, i);
let scaling = norm_scale(quad);
for (var r = 0u; r < ROWS; r++) {
if (first + r < rows) {
let input = input_4(inputs[r], quad, columns);
if (NORM) {
squares[r] += dot(input, input);
}
let scaled = input * scaling;
sums[r] += vec4<f32>(dot(scaled, w0[i]), dot(scaled, w1[i]), dot(scaled, w2[i]), dot(scaled, w3[i]));
}
}
}
}
for (var r = 0u; r < ROWS; r++) {
if (first + r < rows) {
sums[r] = team_sum(lane, sums[r]);
}
}
if (NORM) {
let factors = project_factors(lane, squares);
for (var r = 0u; r < ROWS; r++) {
sums[r] *= factors[r];
}
}
return sums;
}
@group(0) @binding(7) var<storage, read> residual: array<f32>;
@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
@builtin(local_invocation_index) local: u32) {
let output = 4u * team_index(grid_group(group, groups), local);
let row = ROWS * group.z;
let rows = batch_rows(params.rows_of);
if (output >= params.count || row >= rows) {
return;
}
let lane = team_lane(local);
let last = vec4<u32>(params.count - 1u);
let sums = project_rows(row, rows, min(vec4<u32>(output, output + 1u, output + 2u, output + 3u), last), lane);
for (var i = lane; i < 4u * min(ROWS, rows - row); i += TEAM_LANES) {
let channel = output + i % 4u;
if (channel < params.count) {
let at = (row + i / 4u) * params.outputs + params.first + channel;
let added = select(0.0, residual[min(at, arrayLength(&residual) - 1u)], params.has_residual != 0u);
out[at] = sums[i / 4u][i % 4u] + project_bias(channel) + added;
}
}
}
