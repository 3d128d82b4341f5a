//! The first dispatch of a step, one team a sequence of the batch: brings what stays on the device up to date (page table, mask, biases,
//! the text and the counts of its tokens), and puts in place the ids that the step before has sampled.
//! params    Params
//! batch     u32 [words], see batch_layout
//! texts     u32 [slots]: the token in each slot of the KV cache
//! counts    u32 [lanes, vocab]: how often a text has each token
//! sampled   i32 [outputs] of the step before
//! grid      (sequences / TEAMS_PER_GROUP up, 1, 1)
//! use       grid team batch_layout

struct Params {
  vocab: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> batch: array<u32>;
@group(0) @binding(2) var<storage, read_write> texts: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<u32>;
@group(0) @binding(4) var<storage, read> sampled: array<i32>;

// The words of a sequence's record.
const SEQUENCE_FIRST: u32 = 0u;
const SEQUENCE_TOKENS: u32 = 1u;
const SEQUENCE_LENGTH: u32 = 2u;
const SEQUENCE_PAGES_AT: u32 = 3u;
const SEQUENCE_COPIES: u32 = 4u;
const SEQUENCE_COPIES_AT: u32 = 5u;
const SEQUENCE_COUNTING: u32 = 6u;
const SEQUENCE_COUNTS_AT: u32 = 7u;
const SEQUENCE_PROMPT: u32 = 8u;

// What is to be counted: nothing, this step's tokens, or the whole text anew.
const COUNTING_NEW: u32 = 1u;
const COUNTING_ALL: u32 = 2u;

/// Each copy is: where to, how many words, the words.
fn apply_copies(record: u32, lane: u32) {
  var at = batch[record + SEQUENCE_COPIES_AT];
  for (var copy = 0u; copy < batch[record + SEQUENCE_COPIES]; copy++) {
    let to = batch[at];
    let words = batch[at + 1u];
    for (var i = lane; i < words; i += TEAM_LANES) {
      batch[to + i] = batch[at + 2u + i];
    }
    at += 2u + words;
  }
}

/// An id with the highest bit set is the complement of a row of the step before.
fn take_tokens(record: u32, lane: u32) {
  let first = batch[record + SEQUENCE_FIRST];
  for (var i = lane; i < batch[record + SEQUENCE_TOKENS]; i += TEAM_LANES) {
    let id_at = batch[BATCH_IDS_AT] + first + i;
    var id = batch[id_at];
    if (id >= 0x80000000u) {
      id = u32(sampled[~id]);
      batch[id_at] = id;
    }
    texts[batch[batch[BATCH_SLOTS_AT] + first + i]] = id;
  }
}

fn clear_counts(record: u32, lane: u32) {
  let at = batch[record + SEQUENCE_COUNTS_AT];
  for (var id = lane; id < params.vocab; id += TEAM_LANES) {
    counts[at + id] = 0u;
  }
}

/// Every lane looks at every token and counts those that are its own, so that no two lanes write one count.
fn count_tokens(record: u32, lane: u32) {
  let end = batch[record + SEQUENCE_LENGTH];
  let start = select(0u, end - batch[record + SEQUENCE_TOKENS], batch[record + SEQUENCE_COUNTING] == COUNTING_NEW);
  let pages_at = batch[record + SEQUENCE_PAGES_AT];
  for (var position = start; position < end; position++) {
    let id = texts[batch[pages_at + position / PAGE_TOKENS] * PAGE_TOKENS + position % PAGE_TOKENS];
    if (id % TEAM_LANES == lane) {
      let at = batch[record + SEQUENCE_COUNTS_AT] + id;
      counts[at] = select(counts[at] + 1u, counts[at] | COUNT_PROMPT, position < batch[record + SEQUENCE_PROMPT]);
    }
  }
}

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let sequence = team_index(grid_group(group, groups), local);
  let lane = team_lane(local);
  let there = sequence < batch[BATCH_SEQUENCES];
  let record = batch[BATCH_SEQUENCES_AT] + sequence * BATCH_SEQUENCE_WORDS;
  if (there) {
    apply_copies(record, lane);
    take_tokens(record, lane);
    if (batch[record + SEQUENCE_COUNTING] == COUNTING_ALL) {
      clear_counts(record, lane);
    }
  }
  // No condition around it: the batch is written here, so it can't prove that all lanes agree.
  team_sync_storage();
  if (there && batch[record + SEQUENCE_COUNTING] != 0u) {
    count_tokens(record, lane);
  }
}
