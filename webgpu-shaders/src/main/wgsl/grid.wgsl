//! Numbers a grid of up to 65535 x 65535 workgroups row by row.

fn grid_group(group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return group.y * groups.x + group.x;
}
