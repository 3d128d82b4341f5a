package dev.crema.build.lanes.ir;

/** What an instruction, a block parameter or a function parameter defines, once. */
public record Value(int id, Type type) {
    @Override
    public String toString() {
        return "%" + id;
    }
}
