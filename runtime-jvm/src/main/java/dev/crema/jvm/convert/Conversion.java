package dev.crema.jvm.convert;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.device.Bytes;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;
import dev.crema.jvm.files.MappedBytes;
import dev.crema.quant.Rounding;
import dev.crema.tensor.DType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Writes a model in another number format and, where it is none yet, as GGUF. */
public final class Conversion {
    /** What a folder for the web lists its files in. */
    public static final String MANIFEST = "crema.json";
    private static final int SAMPLE_BYTES = 32;
    /** What may be made twice without harm. */
    private static final long SMALL_BYTES = 1 << 20;

    /**
     * What is wanted.
     *
     * @param mix        the formats of GGUF; null for linear layers in bitsandbytes' nf4, in a folder of safetensors
     * @param importance how much each input channel of a tensor, or of each expert of a stack, matters, by GGUF name, as {@code crema imatrix} measured it; may be empty
     * @param shardBytes the most that a file of a folder for the web may have; 0 for one GGUF file
     */
    public record Options(TypeMix mix, Rounding rounding, Map<String, float[]> importance, long shardBytes, int threads) { }

    /** What was written: bytes of weights by format, and tensors of the source that have no place in GGUF. */
    public record Result(int files, long bytes, Map<DType, Long> byType, List<String> skipped) { }

    private final Options options;
    private final Progress progress;
    private final Cancellation cancellation;
    private long written;

    public Conversion(Options options, Progress progress, Cancellation cancellation) {
        this.options = options;
        this.progress = progress;
        this.cancellation = cancellation;
    }

    /** Writes {@code target}, a file or a folder, which appears when it is whole; a conversion that was interrupted is continued. */
    public Result run(ModelFiles source, Path target) throws IOException {
        if (options.mix == null) {
            return runNf4(source, target);
        }
        var skipped = new ArrayList<String>();
        Plan plan = Plan.awaitOpen(source, options.mix, skipped::add);
        Path folder = folderOf(target);
        List<Shard> shards = options.shardBytes == 0 ? List.of(Shard.whole(plan, target.getFileName().toString()))
            : Shard.parts(plan, stem(target), options.shardBytes);
        String fingerprint = fingerprint(source, plan.sources, plan.tensors, shards);
        if (options.shardBytes == 0) {
            writeAll(shards, folder, fingerprint);
        } else {
            writeFolder(new Folder("gguf", plan.name, options.mix.type().name(), shards, Map.of()), target, fingerprint);
        }
        return new Result(shards.size(), shards.stream().mapToLong(Shard::bytes).sum(), byType(plan.tensors), List.copyOf(skipped));
    }

    private Result runNf4(ModelFiles source, Path target) throws IOException {
        folderOf(target);
        Checkpoint checkpoint = Checkpoints.awaitOpen(source);
        SafetensorsPlan plan = SafetensorsPlan.awaitOpen(source, checkpoint);
        List<Shard> shards = plan.shards(options.shardBytes == 0 ? Long.MAX_VALUE : options.shardBytes);
        writeFolder(new Folder("safetensors", checkpoint.name(), "nf4", shards, plan.texts), target, fingerprint(source, plan.sources, plan.tensors(), shards));
        return new Result(shards.size() + plan.texts.size(), shards.stream().mapToLong(Shard::bytes).sum() + plan.texts.values().stream().mapToLong(text -> text.length).sum(),
            byType(plan.tensors()), List.of());
    }

    private static Path folderOf(Path target) {
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new CremaException(ErrorCode.NOT_FOUND, "There is no folder " + folder + ".", "Make it, or write somewhere else.");
        }
        return folder;
    }

    /** A folder for the web. @param texts small files beside the shards */
    private record Folder(String format, String name, String type, List<Shard> shards, Map<String, byte[]> texts) { }

    private static String stem(Path target) {
        String name = target.getFileName().toString();
        return name.endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
    }

    private static Map<DType, Long> byType(List<PlannedTensor> tensors) {
        var bytes = new EnumMap<DType, Long>(DType.class);
        tensors.forEach(tensor -> bytes.merge(tensor.to(), tensor.bytes(), Long::sum));
        return bytes;
    }

    private void writeAll(List<Shard> shards, Path folder, String fingerprint) throws IOException {
        long total = shards.stream().flatMap(shard -> shard.tensors().stream()).mapToLong(PlannedTensor::bytes).sum();
        ExecutorService workers = Executors.newFixedThreadPool(options.threads, Thread.ofPlatform().daemon().name("convert-", 0).factory());
        try {
            var encoder = new TensorEncoder(options.rounding, workers, options.threads);
            for (Shard shard : shards) {
                var file = new ShardFile(folder, shard, fingerprint);
                if (shards.size() > 1 && Files.exists(file.target()) && Files.size(file.target()) == shard.bytes()) {
                    // Whole already: the folder is of this plan, see writeFolder.
                    shard.tensors().forEach(tensor -> written += tensor.bytes());
                    continue;
                }
                file.write((tensor, out, heard) -> {
                    cancellation.check();
                    encoder.write(tensor, options.importance.get(tensor.name()), out, heard);
                }, bytes -> progress.report(Progress.Phase.DOWNLOAD, "writing " + shard.fileName(), written += bytes, total));
            }
        } finally {
            workers.shutdownNow();
        }
    }

    /** All in {@code target.part} first, which is renamed when the manifest is written. */
    private void writeFolder(Folder folder, Path target, String fingerprint) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Path mark = part.resolve("plan");
        Files.createDirectories(part);
        if (!Files.exists(mark) || !Files.readString(mark).equals(fingerprint)) {
            empty(part);
            Files.writeString(mark, fingerprint);
        }
        writeAll(folder.shards, part, fingerprint);
        for (Map.Entry<String, byte[]> text : folder.texts.entrySet()) {
            Files.write(part.resolve(text.getKey()), text.getValue());
        }
        Files.writeString(part.resolve(MANIFEST), JsonWriter.pretty(manifest(folder, part), 2) + "\n");
        Files.delete(mark);
        if (Files.isDirectory(target)) {
            empty(target);
            Files.delete(target);
        } else {
            Files.deleteIfExists(target);
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes files that conversions write; anything else in the folder is an error, so that nobody's files are lost. */
    private static void empty(Path folder) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!name.matches(".*\\.(gguf|safetensors)(\\.part(\\.done)?)?|plan|" + MANIFEST) && !SafetensorsPlan.isBeside(name)) {
                    throw new CremaException(ErrorCode.STORAGE_FAILED, folder + " holds " + name + ", which no conversion wrote.",
                        "Choose another folder, or empty that one.");
                }
                Files.delete(entry);
            }
        }
    }

    private Json.Obj manifest(Folder folder, Path written) throws IOException {
        var names = new ArrayList<String>(folder.shards.stream().map(Shard::fileName).toList());
        names.addAll(folder.texts.keySet());
        var files = new Json.Arr();
        long bytes = 0;
        for (String name : names) {
            progress.report(Progress.Phase.OPEN, "checksum of " + name, 0, -1);
            long size = Files.size(written.resolve(name));
            files.add(new Json.Obj().put("name", name).put("size", size).put("sha256", sha256(written.resolve(name))));
            bytes += size;
        }
        return new Json.Obj().put("format", folder.format).put("version", 1L).put("name", folder.name).put("type", folder.type).put("size", bytes).put("files", files);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = newSha256();
        byte[] chunk = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Of the headers, the way of rounding, and some bytes of each file and tensor: another source or other options give another one. Large tensors that
     * are made of others are left out, for they would be made to be looked at.
     */
    private String fingerprint(ModelFiles source, List<TensorEntry> sources, List<PlannedTensor> tensors, List<Shard> shards) {
        MessageDigest digest = newSha256();
        for (String name : source.names() == null ? List.<String>of() : source.names()) {
            Bytes file = source.awaitOpen(name);
            digest.update((name + " " + (file == null ? 0 : file.length())).getBytes(StandardCharsets.UTF_8));
            sample(file, digest);
        }
        shards.forEach(shard -> digest.update(shard.header()));
        digest.update(options.rounding.name().getBytes(StandardCharsets.UTF_8));
        for (TensorEntry tensor : sources) {
            Bytes bytes = tensor.bytes();
            sample(bytes instanceof MappedBytes || bytes.length() <= SMALL_BYTES ? bytes : null, digest);
            digest.update((tensor.name() + " " + tensor.dtype()).getBytes(StandardCharsets.UTF_8));
        }
        for (PlannedTensor tensor : tensors) {
            digest.update((tensor.name() + " " + Arrays.hashCode(options.importance.get(tensor.name()))).getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The first bytes, some in the middle, and the last. */
    private static void sample(Bytes bytes, MessageDigest digest) {
        if (bytes == null) {
            return;
        }
        byte[] sample = new byte[(int) Math.min(SAMPLE_BYTES, bytes.length())];
        for (long at : new long[] {0, (bytes.length() - sample.length) / 2, bytes.length() - sample.length}) {
            bytes.awaitRead(at, sample, 0, sample.length);
            digest.update(sample);
        }
    }
}
