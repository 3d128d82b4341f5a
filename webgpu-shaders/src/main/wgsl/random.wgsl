//! Counter-based random numbers, bit for bit those of dev.crema.sampling.Random: pcg3d (Jarzynski and Olano, "Hash Functions for
//! GPU Rendering", JCGT 9(3), 2020).

fn random_bits(seed: vec2<u32>, position: u32, token: u32) -> u32 {
  var v = vec3<u32>(token + seed.y * 0x9E3779B9u, position, seed.x) * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> vec3<u32>(16u);
  v.x += v.y * v.z;
  return v.x;
}

/// -log(1 - u) of the upper 24 bits, by its series near 0, where a logarithm would lose the digits that decide.
fn random_exponential(bits: u32) -> f32 {
  let u = min(f32(bits >> 8u) * 0x1p-24 + 0x1p-25, 1.0 - 0x1p-24);
  if (u < 0x1p-6) {
    return u * (1.0 + u * (0.5 + u * (1.0 / 3.0 + u * 0.25)));
  }
  return -log(1.0 - u);
}
