//! Entries of one expert that a workgroup multiplies at once. An entry is a row and one of its experts: row * top_k + place.
//! In the lists of a batch each tile has three words: the expert, where in the list its entries begin, how many there are.

const EXPERT_TILE: u32 = 32u;
const TILE_WORDS: u32 = 3u;
