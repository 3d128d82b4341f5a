//! A team makes outputs of up to eight rows, which share each read of a weight: small batches.

const ROWS: u32 = 8u;
