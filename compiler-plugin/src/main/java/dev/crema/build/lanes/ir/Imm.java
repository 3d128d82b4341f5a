package dev.crema.build.lanes.ir;

import java.util.List;
import java.util.stream.Collectors;

/** What an instruction holds besides its operands. */
public sealed interface Imm {
    Imm NONE = new None();

    record None() implements Imm {
        @Override
        public String toString() {
            return "";
        }
    }

    /** A constant: the number, or the raw bits of a float or double. */
    record Bits(long bits) implements Imm {
        @Override
        public String toString() {
            return " " + bits;
        }
    }

    /** Bytes added to an address; less than 2^16, see the pass that folds them. */
    record Offset(long bytes) implements Imm {
        @Override
        public String toString() {
            return bytes == 0 ? "" : " +" + bytes;
        }
    }

    /** The lane of an extract or replace. */
    record Lane(int lane) implements Imm {
        @Override
        public String toString() {
            return " lane " + lane;
        }
    }

    /** 16 bytes: a vector constant, or byte indices of a shuffle. */
    record Bytes(List<Integer> bytes) implements Imm {
        public Bytes {
            bytes = List.copyOf(bytes);
        }

        @Override
        public String toString() {
            return bytes.stream().map((Integer b) -> String.format("%02x", b)).collect(Collectors.joining("", " 0x", ""));
        }
    }

    /** The function that is called, by its key. */
    record Callee(String function) implements Imm {
        @Override
        public String toString() {
            return " " + function;
        }
    }
}
