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
channels: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
@builtin(local_invocation_index) local: u32) {
let index = grid_group(group, groups) * 64u + local;
if (index < batch_rows(params.rows_of) * params.channels) {
out[index] = a[index] + b[index];
}
}
