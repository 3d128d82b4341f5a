package dev.crema.web.device;

import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUDevice;
import org.teavm.jso.core.JSArray;

import java.util.ArrayList;
import java.util.List;

/** What the lowering of every op needs: kernels, buffers and parameters to bind, and the list that its dispatches go to. */
final class Lowering {
    final GPUDevice device;
    final Kernels kernels;
    final WeightStore weights;
    final GraphBuffers buffers;
    final Params params;
    final Teams teams;
    final FormTable forms;
    private List<Dispatch> dispatches = new ArrayList<>();
    private boolean rounds;

    Lowering(GPUDevice device, Kernels kernels, WeightStore weights, GraphBuffers buffers, Params params, Teams teams,
            FormTable forms) {
        this.device = device;
        this.kernels = kernels;
        this.weights = weights;
        this.buffers = buffers;
        this.params = params;
        this.teams = teams;
        this.forms = forms;
    }

    /** How many rows are computed without a rounding that more rows get: {@link dev.crema.device.Executable#decodeRows}. */
    int decodeRows() {
        return rounds ? ProjectDispatch.FEW_ROWS : Integer.MAX_VALUE;
    }

    /** Notes that mat-muls of many rows round what they multiply. */
    void rounds() {
        rounds = true;
    }

    /** Where the dispatches of the op at hand go. */
    List<Dispatch> dispatches() {
        return dispatches;
    }

    /** What {@code lower} adds, apart from the rest. */
    List<Dispatch> apart(Runnable lower) {
        List<Dispatch> rest = dispatches;
        dispatches = new ArrayList<>();
        lower.run();
        List<Dispatch> apart = dispatches;
        dispatches = rest;
        return apart;
    }

    /** Runs {@code few} where {@code rowsOf} has few rows in a step, else {@code many}. */
    void byRows(Value rowsOf, List<Dispatch> few, List<Dispatch> many) {
        dispatches.add(new Dispatch.ByRows(Rows.of(rowsOf), few, many, ProjectDispatch.FEW_ROWS + 1));
    }

    /** The buffer of a norm weight, a bias or the like, or a stand-in for null. */
    GPUBuffer vector(Weight weight) {
        return weight == null ? buffers.nothing : weights.get(weight).parts().get(0).buffer();
    }

    /** Binds the parameters, the batch, and {@code bound} from binding 2 on. */
    GPUBindGroup bind(Kernels.Kernel kernel, int paramsAt, GPUBuffer... bound) {
        JSArray<GPUBuffer> all = JSArray.create();
        all.push(buffers.batch);
        for (GPUBuffer buffer : bound) {
            all.push(buffer);
        }
        return device.createBindGroup(kernel.layout, params.buffer(paramsAt), params.offset(paramsAt), Params.STRIDE, all);
    }

    /** Launches {@code perRow} invocations for each row of {@code rowsOf}. */
    void invocations(Kernels.Kernel kernel, GPUBindGroup group, Value rowsOf, long perRow) {
        dispatches.add(new Dispatch.Linear(kernel, group, Rows.of(rowsOf), perRow, Dispatch.INVOCATIONS));
    }

    /** Launches {@code perRow} teams for each row of {@code rowsOf}. */
    void teams(Kernels.Kernel kernel, GPUBindGroup group, Value rowsOf, long perRow) {
        dispatches.add(new Dispatch.Linear(kernel, group, Rows.of(rowsOf), perRow, teams.perGroup));
    }
}
