package dev.crema.build.lanes.ir;

import java.util.List;

/**
 * A function in static single assignment form. The first block is the entry: it has no parameters and nothing jumps to it.
 *
 * @param key class, method and descriptor, by which it is called
 * @param export name of the export, or null
 * @param place of the method in messages, such as {@code dev.crema.kernels.MatVec.rows}
 * @param result null where there is none
 */
public record Function(String key, String export, String place, List<Value> params, Type result, List<Block> blocks) {
    public Function {
        params = List.copyOf(params);
        blocks = List.copyOf(blocks);
    }

    public Function withBlocks(List<Block> newBlocks) {
        return new Function(key, export, place, params, result, newBlocks);
    }

    /** An id above those of all values. */
    public int nextValue() {
        int most = -1;
        for (Value param : params) {
            most = Math.max(most, param.id());
        }
        for (Block block : blocks) {
            for (Value param : block.params()) {
                most = Math.max(most, param.id());
            }
            for (Inst inst : block.body()) {
                most = inst.result() == null ? most : Math.max(most, inst.result().id());
            }
        }
        return most + 1;
    }

    public int nextBlock() {
        return blocks.stream().mapToInt(Block::id).max().orElse(-1) + 1;
    }

    /** Instructions in all blocks. */
    public int size() {
        return blocks.stream().mapToInt((Block block) -> block.body().size()).sum();
    }
}
