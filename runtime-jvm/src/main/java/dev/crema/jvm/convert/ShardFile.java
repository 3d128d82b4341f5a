package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;

/**
 * Writes a shard under the name {@code x.part} and renames it when it is whole and on the disk. Beside it, {@code x.part.done} says of which plan it
 * is and how many tensors are whole, so that the same conversion started again goes on after those.
 */
final class ShardFile {
    private static final int BUFFER_BYTES = 1 << 20;

    /** Writes one tensor's bytes. */
    interface TensorWriter {
        void write(PlannedTensor tensor, OutputStream out, LongConsumer written) throws IOException;
    }

    private final Path target;
    private final Path part;
    private final Path journal;
    private final Shard shard;
    private final String fingerprint;

    /** {@code fingerprint} stands for everything that the bytes follow from. */
    ShardFile(Path folder, Shard shard, String fingerprint) {
        this.shard = shard;
        this.fingerprint = fingerprint;
        target = folder.resolve(shard.fileName());
        part = folder.resolve(shard.fileName() + ".part");
        journal = folder.resolve(shard.fileName() + ".part.done");
    }

    Path target() {
        return target;
    }

    /** {@code written} hears of the bytes of tensors, those of an earlier run too. */
    void write(TensorWriter tensors, LongConsumer written) throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE); FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new CremaException(ErrorCode.STORAGE_FAILED, part + " is being written by another process.", "Wait for it, or write elsewhere.");
            }
            int done = done(channel);
            channel.truncate(done == 0 ? 0 : shard.offset(done)).position(channel.size());
            for (PlannedTensor tensor : shard.tensors().subList(0, done)) {
                written.accept(tensor.bytes());
            }
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
            if (done == 0) {
                out.write(shard.header());
            }
            for (int i = done; i < shard.tensors().size(); i++) {
                PlannedTensor tensor = shard.tensors().get(i);
                tensors.write(tensor, out, written);
                out.write(new byte[shard.padding(tensor)]);
                out.flush();
                Files.writeString(journal, fingerprint + " " + (i + 1));
            }
            out.flush();
            channel.force(true);
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(journal);
    }

    /** Tensors that an interrupted run of the same plan has written whole. */
    private int done(FileChannel channel) throws IOException {
        if (!Files.exists(journal)) {
            return 0;
        }
        String[] words = Files.readString(journal, StandardCharsets.UTF_8).trim().split(" ");
        if (words.length != 2 || !words[0].equals(fingerprint) || !words[1].matches("\\d{1,6}")) {
            return 0;
        }
        int done = Math.min(Integer.parseInt(words[1]), shard.tensors().size());
        return channel.size() >= shard.offset(done) ? done : 0;
    }
}
