package dev.crema.jvm.files;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * What has arrived of a download: {@code x.part} beside the target {@code x}, and {@code x.part.json} with the validator (ETag) that tells
 * whether the server still has the same file, so that a later run can go on where this one ended. All failures are STORAGE_FAILED.
 */
final class PartFile implements AutoCloseable {
    private final Path target;
    private final Path part;
    private final Path state;
    private final FileChannel channel;
    private String validator;

    PartFile(Path target) {
        this.target = target;
        part = target.resolveSibling(target.getFileName() + ".part");
        state = target.resolveSibling(target.getFileName() + ".part.json");
        try {
            channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            validator = readValidator();
            if (validator == null) {
                channel.truncate(0);
            }
            channel.position(channel.size());
        } catch (IOException e) {
            throw failed("opening " + part, e);
        }
    }

    private String readValidator() throws IOException {
        if (!Files.exists(state)) {
            return null;
        }
        try {
            return JsonParser.parseObject(Files.readString(state)).get("validator") instanceof Json.Str text ? text.value() : null;
        } catch (CremaException e) {
            return null; // Cut off by a crash: what arrived can't be trusted to belong to one file, so it is fetched again.
        }
    }

    /** ETag or Last-Modified of the bytes that are here, for If-Range; null where there are none to go on from. */
    String validator() {
        return validator;
    }

    long size() {
        try {
            return channel.position();
        } catch (IOException e) {
            throw failed("reading " + part, e);
        }
    }

    /** Forgets what is here and begins a file that {@code newValidator} (or null) stands for. */
    void restart(String newValidator) {
        try {
            channel.truncate(0);
            channel.position(0);
            validator = newValidator;
            if (newValidator == null) {
                Files.deleteIfExists(state);
            } else {
                Files.writeString(state, new Json.Obj().put("validator", newValidator).toString());
            }
        } catch (IOException e) {
            throw failed("writing " + part, e);
        }
    }

    void append(byte[] data, int length) {
        try {
            var buffer = ByteBuffer.wrap(data, 0, length);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            throw failed("writing " + part + " at byte " + size(), e);
        }
    }

    /** Refuses early where the disk can't hold {@code bytes} more. */
    void requireSpace(long bytes) {
        try {
            long free = Files.getFileStore(part).getUsableSpace();
            if (free < bytes) {
                throw new CremaException(ErrorCode.STORAGE_FAILED, target.getFileName() + " needs " + bytes + " more bytes, the disk of "
                    + target.getParent() + " has " + free + ".", "Free some space, or set CREMA_CACHE to a folder on a larger disk.");
            }
        } catch (IOException e) {
            throw failed("asking for the free space of " + part, e);
        }
    }

    Path path() {
        return part;
    }

    /** Makes the part the file itself, in one step. */
    void complete() {
        try {
            channel.force(true);
            channel.close();
            try {
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.deleteIfExists(state);
        } catch (IOException e) {
            throw failed("moving " + part + " to its place", e);
        }
    }

    /** Throws the bytes away. */
    void discard() {
        try {
            channel.close();
            Files.deleteIfExists(part);
            Files.deleteIfExists(state);
        } catch (IOException e) {
            throw failed("deleting " + part, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
            if (Files.exists(part) && Files.size(part) == 0) {
                Files.deleteIfExists(part);
                Files.deleteIfExists(state);
            }
        } catch (IOException e) {
            throw failed("closing " + part, e);
        }
    }

    private static CremaException failed(String doing, IOException e) {
        CremaException failure = LocalFiles.storageFailed(doing, e);
        return new CremaException(failure.code(), failure.getMessage(),
            "Is the disk full or write-protected? Free some space, or set CREMA_CACHE to another folder; what has arrived is kept.", e);
    }}
