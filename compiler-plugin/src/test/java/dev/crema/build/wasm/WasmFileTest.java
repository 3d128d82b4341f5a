package dev.crema.build.wasm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.build.BuildProblem;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class WasmFileTest {
    /** (module (func (export "f"))) */
    private static final byte[] SMALLEST = HexFormat.of().parseHex("0061736d01000000" + "010401600000" + "03020100" + "07050101660000" + "0a040102000b");

    @Test
    void acceptsAModule() {
        assertDoesNotThrow(() -> WasmFile.check("m.wasm", SMALLEST));
    }

    @Test
    void refusesEveryPrefix() {
        for (int length = 0; length < SMALLEST.length; length++) {
            byte[] prefix = Arrays.copyOf(SMALLEST, length);
            assertThrows(BuildProblem.class, () -> WasmFile.check("m.wasm", prefix), "prefix of " + length + " bytes");
        }
    }

    @Test
    void refusesSectionsOutOfOrder() {
        byte[] swapped = HexFormat.of().parseHex("0061736d01000000" + "010401600000" + "07050101660000" + "03020100" + "0a040102000b");
        BuildProblem problem = assertThrows(BuildProblem.class, () -> WasmFile.check("m.wasm", swapped));
        assertTrue(problem.getMessage().contains("section 3 at byte 21 is out of order"), problem.getMessage());
    }

    @Test
    void refusesALengthBeyondTheFile() {
        byte[] hostile = HexFormat.of().parseHex("0061736d01000000" + "01ffffffff0f");
        BuildProblem problem = assertThrows(BuildProblem.class, () -> WasmFile.check("m.wasm", hostile));
        assertTrue(problem.getMessage().contains("claims 4294967295 bytes, 0 are left"), problem.getMessage());
    }
}
