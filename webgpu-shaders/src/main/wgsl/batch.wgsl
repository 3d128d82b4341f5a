//! The arrays of a step, as begin.wgsl leaves them.
//! batch   u32 [words]
//! use     batch_layout

@group(0) @binding(1) var<storage, read> batch: array<u32>;

/// Rows of a value: of_what is BATCH_TOKENS or BATCH_OUTPUTS.
fn batch_rows(of_what: u32) -> u32 {
  return batch[of_what];
}

fn batch_token_id(token: u32) -> u32 {
  return batch[batch[BATCH_IDS_AT] + token];
}

fn batch_position(token: u32) -> u32 {
  return batch[batch[BATCH_POSITIONS_AT] + token];
}

/// Where the KV cache keeps this token.
fn batch_slot(token: u32) -> u32 {
  return batch[batch[BATCH_SLOTS_AT] + token];
}

/// Where the page table of this token's sequence begins.
fn batch_pages_at(token: u32) -> u32 {
  return batch[batch[BATCH_PAGES_OF_AT] + token];
}

/// Where the KV cache keeps the token at a position of the sequence whose page table begins at pages_at.
fn batch_slot_of(pages_at: u32, position: u32) -> u32 {
  return batch[pages_at + position / PAGE_TOKENS] * PAGE_TOKENS + position % PAGE_TOKENS;
}

/// The token that an output row belongs to.
fn batch_output_token(row: u32) -> u32 {
  return batch[batch[BATCH_OUTPUT_TOKENS_AT] + row];
}

/// Where the sampling record of an output row begins.
fn batch_sample_at(row: u32) -> u32 {
  return batch[batch[BATCH_SAMPLES_AT] + row];
}
