//! x in blocks of 32 columns, each as signed bytes with one scale, for integer dot products: an invocation a block. Beside the scale stand
//! the sums of what the bytes of either half stand for, which weights with a minimum need.
//! params   Params
//! packed   u32 [rows, columns / 4]
//! scales   f32 [rows, columns / 32, 4]
//! grid     (rows * (columns / 32) / 64 up, 1, 1)
//! use      grid batch input

struct Params {
  rows_of: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> packed: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> scales: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let block = grid_group(group, groups) * 64u + local;
  let blocks = params.columns / 32u;
  if (block >= batch_rows(params.rows_of) * blocks) {
    return;
  }
  var quads: array<vec4<f32>, 8>;
  var largest = vec4<f32>(0.0);
  for (var i = 0u; i < 8u; i++) {
    quads[i] = input_4(block / blocks, block % blocks * 8u + i, params.columns);
    largest = max(largest, abs(quads[i]));
  }
  let most = max(max(largest.x, largest.y), max(largest.z, largest.w));
  // What is so small counts as zero; its inverse would be infinite.
  let inverse = select(0.0, 1.0 / most, most > 1e-30);
  var sums = vec2<f32>(0.0);
  for (var half = 0u; half < 2u; half++) {
    var words: vec4<u32>;
    for (var i = 0u; i < 4u; i++) {
      words[i] = pack4x8snorm(inverse * quads[4u * half + i]);
      sums[half] += dot(unpack4x8snorm(words[i]), vec4<f32>(most));
    }
    packed[2u * block + half] = words;
  }
  scales[block] = vec4<f32>(most / 127.0, sums, 0.0);
}
