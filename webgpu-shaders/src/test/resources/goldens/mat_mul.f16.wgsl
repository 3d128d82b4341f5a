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
@group(0) @binding(4) var<storage, read> x: array<vec4<f32>>;
fn input_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
return x[row * (columns / 4u) + quad];
}
@group(0) @binding(3) var<storage, read> weight: array<vec2<u32>>;
const WEIGHT_QUADS: u32 = 1u;
fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
let bits = weight[row * (columns / 4u) + quad];
return vec4<f32>(unpack2x16float(bits.x), unpack2x16float(bits.y));
}
fn weight_quad(unit: u32, i: u32) -> u32 {
return unit;
}
fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, unit, columns));
}
const TILE_ROWS: u32 = 8u;
const TILE_OUTPUTS: u32 = 4u;
@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
@builtin(local_invocation_id) local: vec3<u32>) {
let rows = batch_rows(params.rows_of);
let across = (params.count + 31u) / 32u;
let tile = grid_group(group, groups);
let row = tile / across * 64u + local.y * TILE_ROWS;
let output = tile % across * 32u + local.x * TILE_OUTPUTS;
if (row >= rows || output >= params.count) {
return;
}
let last = params.count - 1u;
let columns = params.columns;
var sums: array<vec4<f32>, TILE_ROWS>;
for (var quad = 0u; quad < (columns + 3u) / 4u; quad++) {
let w0 = weight_4(output, quad, columns);
let w1 = weight_4(min(output + 1u, last), quad, columns);
let w2 = weight_4(min(output + 2u, last), quad, columns);
let w3 = weight_4(min(output + 3u, last), quad, columns);
for (var r = 0u; r < TILE_ROWS; r++) {
let input = input_4(min(row + r, rows - 1u), quad, columns);
sums[r] += vec4<f32>(dot(input, w0), dot(input, w1), dot(input, w2), dot(input, w3));
}
}
for (var r = 0u; r < min(TILE_ROWS, rows - row); r++) {
for (var i = 0u; i < min(TILE_OUTPUTS, params.count - output); i++) {
mat_mul_out(row + r, output + i, sums[r][i]);
}
}
}
