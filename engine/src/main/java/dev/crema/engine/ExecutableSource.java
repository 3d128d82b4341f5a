package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;

/** Makes what an engine computes with anew, after its device was lost, ran out of memory or reported an error. */
@FunctionalInterface
public interface ExecutableSource {
    /** Of devices that do not come back: the failure ends all requests. */
    ExecutableSource NONE = failure -> {
        throw failure;
    };

    /**
     * An executable of the same graph and limits on a device that works; the one before is closed already. Suspends while weights are uploaded
     * and kernels compiled. What it throws ends all requests.
     */
    Executable awaitExecutable(CremaException failure);

    /** Compiles another graph of the same weights on the device that is there: what embeddings are computed with. */
    default Executable awaitCompile(Graph graph, Limits limits) {
        throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "This engine computes no embeddings.", "");
    }
}
