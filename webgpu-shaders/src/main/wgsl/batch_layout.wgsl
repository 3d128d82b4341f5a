//! Where things are in the batch buffer. First what the host writes for a step, beginning with a header of 16 words: counts and where each
//! array begins. After that what stays from step to step, a lane a sequence: page table, mask, biases (dev.crema.web.device.Lanes).

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
/// Words of a sequence's record: its first token in the batch, its tokens there, its length after the step, and what begin.wgsl needs.
const BATCH_SEQUENCE_WORDS: u32 = 9u;

/// Tokens of a KV page; dev.crema.device.KvPool.PAGE_TOKENS.
const PAGE_TOKENS: u32 = 16u;

/// Of a token's count: set where the prompt has it. The other bits say how often the reply has it.
const COUNT_PROMPT: u32 = 0x80000000u;
