//! A team makes outputs of up to four rows, which share each read of a weight: few sequences, in half the registers of eight rows.

const ROWS: u32 = 4u;
