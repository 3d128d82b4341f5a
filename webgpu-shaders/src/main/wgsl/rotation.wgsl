//! Sine and cosine of large angles: those of WGSL are only good near 0, and positions go to many thousands.

/// (cosine, sine): reduction by quarter turns in three parts (Cody and Waite), then the minimax polynomials of Cephes.
fn rotation(angle: f32) -> vec2<f32> {
  let turns = round(angle * 0.63661977236758134);
  let rest = ((angle - turns * 1.5703125) - turns * 4.837512969970703e-4) - turns * 7.549789954891882e-8;
  let square = rest * rest;
  let sine = rest + rest * square * (-1.6666654611e-1 + square * (8.3321608736e-3 - square * 1.9515295891e-4));
  let cosine = 1.0 - 0.5 * square
    + square * square * (4.166664568298827e-2 + square * (-1.388731625493765e-3 + square * 2.443315711809948e-5));
  switch (u32(turns) & 3u) {
    case 0u: { return vec2<f32>(cosine, sine); }
    case 1u: { return vec2<f32>(-sine, cosine); }
    case 2u: { return vec2<f32>(-cosine, -sine); }
    default: { return vec2<f32>(sine, -cosine); }
  }
}
