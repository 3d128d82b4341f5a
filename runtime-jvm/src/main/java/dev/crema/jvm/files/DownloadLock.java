package dev.crema.jvm.files;

import dev.crema.Cancellation;
import dev.crema.Progress;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps two threads or processes from fetching the same file: the second waits, and then finds it there. */
final class DownloadLock implements AutoCloseable {
    private static final long POLL_MILLIS = 100;

    private final FileChannel channel;

    private DownloadLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Waits for the lock of {@code file}; the lock file stays behind, since deleting it would race with the next one to wait. */
    static DownloadLock await(Path file, Progress progress, Cancellation cancellation) {
        Path lock = file.resolveSibling(file.getFileName() + ".lock");
        try {
            FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                boolean told = false;
                while (!tryLock(channel)) {
                    if (!told) {
                        progress.report(Progress.Phase.OPEN, "waiting for another Crema that downloads " + file.getFileName(), 0, -1);
                        told = true;
                    }
                    cancellation.check();
                    Thread.sleep(POLL_MILLIS);
                }
                return new DownloadLock(channel);
            } catch (IOException | RuntimeException | InterruptedException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw LocalFiles.storageFailed("locking " + lock, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancellation.cancel();
            cancellation.check();
            throw new IllegalStateException("unreachable: the check above throws", e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // Another thread of this process has it.
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw LocalFiles.storageFailed("unlocking", e);
        }
    }
}
