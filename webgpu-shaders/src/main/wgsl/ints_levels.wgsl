//! Nibbles that are the places of signed levels.
//! requires   packed_4x8_integer_dot_product

fn ints_level(nibbles: u32, levels: array<i32, 16>) -> u32 {
  return pack4xI8(vec4<i32>(levels[nibbles & 15u], levels[(nibbles >> 8u) & 15u], levels[(nibbles >> 16u) & 15u],
    levels[(nibbles >> 24u) & 15u]));
}

fn ints_levels(words: vec4<u32>, levels: array<i32, 16>) -> vec4<u32> {
  return vec4<u32>(ints_level(words.x, levels), ints_level(words.y, levels), ints_level(words.z, levels), ints_level(words.w, levels));
}
