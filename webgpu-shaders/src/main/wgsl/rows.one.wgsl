//! A team makes outputs of one row: decode of one sequence.

const ROWS: u32 = 1u;
