requires packed_4x8_integer_dot_product;
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
rows_of: u32,
columns: u32,
outputs: u32,
first: u32,
count: u32,
has_bias: u32,
has_residual: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read> residual: array<f32>;
fn mat_mul_out(row: u32, output: u32, sum: f32) {
let column = params.first + output;
let at = row * params.outputs + column;
var value = sum;
if (params.has_bias != 0u) {
value += bias[column];
}
if (params.has_residual != 0u) {
value += residual[at];
}
out[at] = value;
}
const TILE: u32 = 64u;
const TILE_INVOCATIONS: u32 = 128u;
const LANE_ROWS: u32 = 8u;
const ROWS_APART: u32 = 8u;
const OUTPUTS_APART: u32 = 16u;
fn tile_origin(group: vec3<u32>, groups: vec3<u32>) -> vec2<u32> {
let across = (params.count + TILE - 1u) / TILE;
let tile = grid_group(group, groups);
return TILE * vec2<u32>(tile / across, tile % across);
}
fn tile_out(origin: vec2<u32>, local: u32, sums: array<vec4<f32>, LANE_ROWS>) {
let rows = batch_rows(params.rows_of);
for (var r = 0u; r < LANE_ROWS; r++) {
let row = origin.x + local / OUTPUTS_APART + r * ROWS_APART;
for (var i = 0u; i < 4u; i++) {
let output = origin.y + local % OUTPUTS_APART + i * OUTPUTS_APART;
if (row < rows && output < params.count) {
mat_mul_out(row, output, sums[r][i]);
}
}
}
}
@group(0) @binding(4) var<storage, read> x: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> x_scales: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> weight: array<u32>;
fn block_word(at: u32) -> u32 {
let shift = at % 4u * 8u;
return (weight[at / 4u] >> shift) | ((weight[at / 4u + 1u] << (24u - shift)) << 8u);
}
fn block_byte(at: u32) -> u32 {
return (weight[at / 4u] >> (at % 4u * 8u)) & 255u;
}
fn block_half(at: u32) -> f32 {
let pair = unpack2x16float(weight[at / 4u]);
return select(pair.x, pair.y, at % 4u != 0u);
}
fn block_bytes(bits: u32) -> vec4<f32> {
return vec4<f32>((vec4<u32>(bits) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u));
}
fn ints_words(at: u32) -> vec4<u32> {
let word = at / 4u;
let shift = at % 4u * 8u;
let words = vec4<u32>(weight[word], weight[word + 1u], weight[word + 2u], weight[word + 3u]);
return (words >> vec4<u32>(shift)) | ((vec4<u32>(words.yzw, weight[word + 4u]) << vec4<u32>(24u - shift)) << vec4<u32>(8u));
}
fn ints_four(first: u32) -> vec4<u32> {
return vec4<u32>(weight[first], weight[first + 1u], weight[first + 2u], weight[first + 3u]);
}
fn ints_minus(words: vec4<u32>, by: u32) -> vec4<u32> {
return ((words | vec4<u32>(0x80808080u)) - vec4<u32>(by)) ^ vec4<u32>(0x80808080u);
}
fn ints_bits(bits: u32) -> vec4<u32> {
return (((vec4<u32>(bits) >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u)) * vec4<u32>(0x00204081u)) & vec4<u32>(0x01010101u);
}
const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = false;
fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
let nibbles = ints_words((row * (columns / 32u) + half / 2u) * 18u + 2u) >> vec4<u32>(half % 2u * 4u);
return ints_minus(nibbles & vec4<u32>(0x0f0f0f0fu), 0x08080808u);
}
fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
return vec2<f32>(block_half((row * (columns / 32u) + half / 2u) * 18u), 0.0);
}
var<workgroup> tile_inputs: array<vec4<u32>, 4u * TILE>;
var<workgroup> tile_weights: array<vec4<u32>, 4u * TILE>;
var<workgroup> tile_input_scales: array<vec4<f32>, 2u * TILE>;
var<workgroup> tile_weight_scales: array<vec2<f32>, 4u * TILE>;
struct Share {
inputs: vec4<u32>,
weights: vec4<u32>,
input_scale: vec4<f32>,
weight_scale: vec2<f32>,
}
fn fetch(row: u32, output: u32, half: u32) -> Share {
let at = row * (params.columns / 16u) + half;
return Share(x[at], ints_16(output, half, params.columns), x_scales[at / 2u], ints_scale(output, half, params.columns));
}
fn keep(slice: u32, local: u32, share: Share) {
let at = slice % 2u * 2u * TILE + local % 2u * TILE + local / 2u;
tile_inputs[at] = share.inputs;
tile_weights[at] = share.weights;
tile_weight_scales[at] = share.weight_scale;
if (local % 2u == 0u) {
tile_input_scales[slice % 2u * TILE + local / 2u] = share.input_scale;
}
}
fn dot_16(a: vec4<u32>, b: vec4<u32>) -> i32 {
return dot4I8Packed(a.x, b.x) + dot4I8Packed(a.y, b.y) + dot4I8Packed(a.z, b.z) + dot4I8Packed(a.w, b.w);
}
fn multiplied(slice: u32, local: u32, before: array<vec4<f32>, LANE_ROWS>) -> array<vec4<f32>, LANE_ROWS> {
let at = slice % 2u * 2u * TILE;
var low: array<vec4<u32>, 4>;
var high: array<vec4<u32>, 4>;
var scale: array<vec4<f32>, 2>;
var minimum: array<vec4<f32>, 2>;
for (var i = 0u; i < 4u; i++) {
let mine = at + local % OUTPUTS_APART + i * OUTPUTS_APART;
low[i] = tile_weights[mine];
high[i] = tile_weights[mine + TILE];
scale[0][i] = tile_weight_scales[mine].x;
minimum[0][i] = tile_weight_scales[mine].y;
scale[1][i] = tile_weight_scales[mine + TILE].x;
minimum[1][i] = tile_weight_scales[mine + TILE].y;
}
var sums = before;
for (var r = 0u; r < LANE_ROWS; r++) {
let row = local / OUTPUTS_APART + r * ROWS_APART;
let left = tile_inputs[at + row];
let right = tile_inputs[at + TILE + row];
let input = tile_input_scales[slice % 2u * TILE + row];
var sum: vec4<f32>;
let lows = vec4<i32>(dot_16(left, low[0]), dot_16(left, low[1]), dot_16(left, low[2]), dot_16(left, low[3]));
let highs = vec4<i32>(dot_16(right, high[0]), dot_16(right, high[1]), dot_16(right, high[2]), dot_16(right, high[3]));
if (INTS_BY_HALF) {
sum = input.x * (scale[0] * vec4<f32>(lows) + scale[1] * vec4<f32>(highs));
} else {
sum = input.x * scale[0] * vec4<f32>(lows + highs);
}
if (INTS_MINIMUM) {
sum += minimum[0] * input.y + minimum[1] * input.z;
}
sums[r] += sum;
}
return sums;
}
@compute @workgroup_size(TILE_INVOCATIONS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
@builtin(local_invocation_index) local: u32) {
let rows = batch_rows(params.rows_of);
let origin = tile_origin(group, groups);
if (origin.x >= rows) {
return;
}
let row = min(origin.x + local / 2u, rows - 1u);
let output = min(origin.y + local / 2u, params.count - 1u);
let slices = params.columns / 32u;
var sums: array<vec4<f32>, LANE_ROWS>;
keep(0u, local, fetch(row, output, local % 2u));
workgroupBarrier();
for (var slice = 0u; slice < slices; slice++) {
let next = fetch(row, output, 2u * min(slice + 1u, slices - 1u) + local % 2u);
sums = multiplied(slice, local, sums);
keep(slice + 1u, local, next);
workgroupBarrier();
}
tile_out(origin, local, sums);
}
