package dev.crema.build.lanes.ir;

import java.util.List;

/** Instructions without a jump among them. Its parameters are the values that differ by the block it is entered from. */
public record Block(int id, List<Value> params, List<Inst> body, End end) {
    public Block {
        params = List.copyOf(params);
        body = List.copyOf(body);
    }

    public Block with(List<Inst> newBody, End newEnd) {
        return new Block(id, params, newBody, newEnd);
    }
}
