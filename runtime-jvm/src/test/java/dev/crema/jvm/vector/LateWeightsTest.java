package dev.crema.jvm.vector;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.graph.Weight;
import dev.crema.jvm.files.LocalFiles;
import dev.crema.jvm.files.MappedBytes;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Weights that are packed after the first step, against the same packed at once. */
class LateWeightsTest {
    private static final int COLUMNS = 512;
    /** The last is larger than what is lent. */
    private static final int[] ROWS = {64, 53, 32, 300};
    private static final DType[] FORMATS = {DType.Q4_0, DType.Q4_K, DType.Q8_0, DType.Q4_0};
    private static final long LENT_BYTES = 64 * 1024;
    private static final long LIMIT_NANOS = 20_000_000_000L;

    @TempDir
    private Path folder;

    private final Arena arena = Arena.ofShared();
    private final Workers workers = new Workers(2);
    private final List<LateWeights.Late> weights = new ArrayList<>();
    private final List<MemorySegment> expected = new ArrayList<>();
    private LocalFiles files;
    private Path file;
    private LateWeights late;
    private Matrix[] matrices;

    @BeforeEach
    void writeFile() throws IOException {
        var random = new Random(21);
        file = folder.resolve("weights");
        try (var out = Files.newOutputStream(file)) {
            for (int i = 0; i < ROWS.length; i++) {
                out.write(Blocks.random(FORMATS[i], ROWS[i] * COLUMNS, random));
            }
        }
        files = LocalFiles.of(file);
        var all = (MappedBytes) files.awaitOpen("weights");
        long at = 0;
        for (int i = 0; i < ROWS.length; i++) {
            var weight = new Weight("w" + i, FORMATS[i], Shape.of(ROWS[i], COLUMNS));
            var bytes = (MappedBytes) all.slice(at, FORMATS[i].bytes((long) ROWS[i] * COLUMNS));
            at += bytes.length();
            weights.add(new LateWeights.Late(weight, bytes, arena.allocate(Repacker.bytes(weight), 64)));
            MemorySegment packed = arena.allocate(Repacker.bytes(weight), 64);
            Repacker.pack(weight, bytes.segment(), bytes, packed, workers);
            expected.add(packed);
        }
        late = new LateWeights(workers, LENT_BYTES);
    }

    private void begin() {
        Map<String, Matrix> byName = late.begin(weights);
        matrices = weights.stream().map(each -> byName.get(each.weight().name())).toArray(Matrix[]::new);
    }

    @AfterEach
    void close() throws IOException {
        late.close();
        workers.close();
        arena.close();
        files.close();
    }

    private void assertHas(int i, MemorySegment bytes) {
        assertEquals(-1, bytes.mismatch(expected.get(i)), "weight " + i);
    }

    private void assertAllPacked() {
        assertTrue(late.isDone());
        for (int i = 0; i < matrices.length; i++) {
            assertSame(weights.get(i).target(), matrices[i].bytes());
            assertHas(i, matrices[i].bytes());
        }
    }

    @Test
    void aFirstStepBorrowsAndTheSecondKeeps() {
        begin();
        late.stepBegins();
        late.lend(new Matrix[] {matrices[0], matrices[1]});
        MemorySegment first = matrices[0].bytes();
        assertHas(0, first);
        assertHas(1, matrices[1].bytes());
        late.lend(new Matrix[0]);
        assertHas(0, matrices[0].bytes());
        late.lend(new Matrix[] {matrices[2]});
        assertHas(2, matrices[2].bytes());
        assertEquals(first.address(), matrices[2].bytes().address(), "the next kernel's are where the first one's were");
        assertNull(matrices[0].bytes());
        assertNull(matrices[1].bytes());
        late.lend(new Matrix[] {matrices[3]});
        assertSame(weights.get(3).target(), matrices[3].bytes(), "what is too large to be lent is packed for good");
        assertHas(3, matrices[3].bytes());
        late.stepEnds();
        assertNull(matrices[2].bytes());
        assertNotNull(matrices[3].bytes());
        assertFalse(late.isDone());
        late.stepBegins();
        assertAllPacked();
        late.lend(matrices);
        late.stepEnds();
        assertAllPacked();
    }

    /** What an embedding looks up has no kernel that borrows. */
    @Test
    void rowsAreTheSameBeforeAndAfter() {
        begin();
        float[] before = new float[COLUMNS];
        float[] after = new float[COLUMNS];
        for (int lastRow = 0; lastRow < 2; lastRow++) {
            for (Matrix matrix : matrices) {
                matrix.decode(lastRow * (matrix.rows() - 1), 0, COLUMNS, before, 0);
                Matrix packed = new Matrix(matrix.format(), matrix.rows(), COLUMNS, expected.get(List.of(matrices).indexOf(matrix)), true);
                packed.decode(lastRow * (matrix.rows() - 1), 0, COLUMNS, after, 0);
                assertArrayEquals(before, after);
            }
        }
    }

    @Test
    void areAllPackedWhenNoStepComes() throws InterruptedException {
        begin();
        awaitDone();
        assertAllPacked();
        late.stepBegins();
        late.lend(matrices);
        late.stepEnds();
    }

    @Test
    void areAllPackedWhenNoSecondStepComes() throws InterruptedException {
        begin();
        late.stepBegins();
        late.lend(new Matrix[] {matrices[0]});
        late.stepEnds();
        awaitDone();
        assertAllPacked();
    }

    private void awaitDone() throws InterruptedException {
        long end = System.nanoTime() + LIMIT_NANOS;
        while (!late.isDone() && System.nanoTime() < end) {
            Thread.sleep(5);
        }
    }

    @Test
    void finishPacksAtOnceAndOthersMayFollow() {
        begin();
        late.finish();
        assertAllPacked();
        begin();
        assertFalse(late.isDone());
        late.finish();
        assertAllPacked();
    }

    /** The step that needs them says so, and nobody is left waiting for the lock. */
    @Test
    void aFileThatWasCutShortFailsEachStep() throws IOException {
        begin();
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(100);
        }
        for (int step = 0; step < 3; step++) {
            CremaException failed = assertThrows(CremaException.class, () -> {
                try {
                    late.stepBegins();
                    late.lend(new Matrix[] {matrices[0], matrices[1]});
                } finally {
                    late.stepEnds();
                }
            });
            assertEquals(ErrorCode.STORAGE_FAILED, failed.code());
            assertNull(matrices[0].bytes());
        }
    }

    /** A model may be replaced or deleted while it is in use: its mapping has its bytes, and no other file's are taken for them. */
    @Test
    void aFileThatWasReplacedOrDeletedIsReadFromItsMapping() throws IOException {
        begin();
        Path other = folder.resolve("other");
        Files.write(other, new byte[(int) Files.size(file)]);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        late.stepBegins();
        late.lend(new Matrix[] {matrices[0], matrices[1]});
        assertHas(0, matrices[0].bytes());
        assertHas(1, matrices[1].bytes());
        late.stepEnds();
        Files.delete(file);
        late.stepBegins();
        late.stepEnds();
        assertAllPacked();
    }

    /** What else comes of the same upload is not lost: a device that has both kinds. */
    @Test
    void aDeviceTakesMappedAndOtherWeights() {
        try (var device = new VectorDevice(2, "test")) {
            for (LateWeights.Late each : weights) {
                device.upload(each.weight(), each.bytes());
            }
            var plain = new Weight("norm", DType.F32, Shape.of(32));
            device.upload(plain, (MappedBytes) weights.get(0).bytes().slice(0, 128));
            device.awaitUploads(Progress.NONE, new Cancellation());
            assertEquals(32, device.vector(plain).length);
            assertTrue(device.matrix(weights.get(0).weight()).packed());
            assertNull(device.matrix(weights.get(0).weight()).bytes());
            // Once more: the first ones are packed before the second come.
            Matrix first = device.matrix(weights.get(0).weight());
            device.upload(plain, (MappedBytes) weights.get(0).bytes().slice(0, 128));
            device.awaitUploads(Progress.NONE, new Cancellation());
            assertHas(0, first.bytes());
        }
    }
}
