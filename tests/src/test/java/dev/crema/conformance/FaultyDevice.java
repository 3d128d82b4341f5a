package dev.crema.conformance;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.Batch;
import dev.crema.device.Bytes;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.device.Executable;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;

/** The reference device with one fault, to see that the suite finds it. */
record FaultyDevice(ReferenceDevice correct, Fault fault) implements Device {
    enum Fault {
        NONE, DROPS_LAST_CHANNEL, GIVES_NAN, WRITES_BEYOND_BATCH, DRAWS_WRONG_TOKEN, FORGETS_LOGITS_FLAG, LEAKS_PAGES, HAS_ONLY_F32
    }

    FaultyDevice(Fault fault) {
        this(new ReferenceDevice(), fault);
    }

    @Override
    public DeviceInfo info() {
        return correct.info();
    }

    @Override
    public boolean supports(DType format) {
        return correct.supports(format) && (fault != Fault.HAS_ONLY_F32 || format == DType.F32);
    }

    @Override
    public boolean supportsKv(DType format) {
        return correct.supportsKv(format) && (fault != Fault.HAS_ONLY_F32 || format == DType.F32);
    }

    @Override
    public long kvBytesPerToken(KvLayout layout, DType format) {
        return correct.kvBytesPerToken(layout, format);
    }

    @Override
    public void upload(Weight weight, Bytes bytes) {
        correct.upload(weight, bytes);
    }

    @Override
    public void awaitUploads(Progress progress, Cancellation cancellation) {
        correct.awaitUploads(progress, cancellation);
    }

    @Override
    public Executable awaitCompile(Graph graph, Limits limits, Progress progress) {
        return new FaultyExecutable(correct.awaitCompile(graph, limits, progress), graph, fault);
    }

    @Override
    public void close() {
        correct.close();
    }

    private record FaultyExecutable(Executable correct, Graph graph, Fault fault) implements Executable {
        @Override
        public Limits limits() {
            return correct.limits();
        }

        @Override
        public KvPool kvPool() {
            return correct.kvPool();
        }

        @Override
        public void write(Value value, float[] data) {
            correct.write(value, data);
        }

        @Override
        public float[] awaitRead(Value value) {
            float[] buffer = correct.awaitRead(value);
            if (fault == Fault.WRITES_BEYOND_BATCH) {
                buffer[buffer.length - 1] = 0;
            }
            return buffer;
        }

        @Override
        public Step submit(Batch batch) {
            Step step = correct.submit(batch);
            if (fault == Fault.LEAKS_PAGES) {
                batch.items().get(0).sequence().fork();
            }
            return new FaultyStep(step, fault);
        }

        @Override
        public void close() {
            correct.close();
        }
    }

    private record FaultyStep(Step correct, Fault fault) implements Step {
        @Override
        public int[] awaitTokens() {
            int[] tokens = correct.awaitTokens();
            if (fault == Fault.DRAWS_WRONG_TOKEN && tokens.length > 0) {
                tokens[tokens.length - 1] = Math.abs(tokens[tokens.length - 1] - 1);
            }
            return tokens;
        }

        @Override
        public float[] awaitLogits() {
            float[] logits = correct.awaitLogits();
            return fault == Fault.FORGETS_LOGITS_FLAG ? new float[logits.length / 2] : logits;
        }

        @Override
        public float[] awaitValue(Value value) {
            float[] found = correct.awaitValue(value);
            if (found.length > 0 && fault == Fault.DROPS_LAST_CHANNEL) {
                found[found.length - 1] = 0;
            }
            if (found.length > 0 && fault == Fault.GIVES_NAN) {
                found[found.length / 2] = Float.NaN;
            }
            return found;
        }
    }
}
