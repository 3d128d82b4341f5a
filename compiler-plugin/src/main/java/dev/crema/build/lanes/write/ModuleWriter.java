package dev.crema.build.lanes.write;

import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A module of functions that imports its memory as {@code env.memory}. */
public final class ModuleWriter {
    private final ByteSink out = new ByteSink();

    private ModuleWriter() {
    }

    /** The bytes of the module; names of functions are in its custom section for profilers. */
    public static byte[] write(List<Function> functions, MemoryKind memory) {
        return new ModuleWriter().module(functions, memory);
    }

    private record Signature(List<Type> params, Type result) {
    }

    private byte[] module(List<Function> functions, MemoryKind memory) {
        out.fixed(0x6d736100, 4).fixed(1, 4);
        List<Signature> types = new ArrayList<>();
        Map<String, Integer> indices = new HashMap<>();
        ByteSink declared = new ByteSink().unsigned(functions.size());
        for (Function function : functions) {
            Signature signature = new Signature(function.params().stream().map(Value::type).toList(), function.result());
            if (!types.contains(signature)) {
                types.add(signature);
            }
            declared.unsigned(types.indexOf(signature));
            indices.put(function.key(), indices.size());
        }
        section(1, types(types));
        section(2, new ByteSink().unsigned(1).name("env").name("memory").one(2).one(memory.flags()).unsigned(0).unsigned(memory.mostPages()));
        section(3, declared);
        section(7, exports(functions));
        ByteSink code = new ByteSink().unsigned(functions.size());
        functions.forEach((Function function) -> code.sized(CodeWriter.write(function, indices)));
        section(10, code);
        section(0, names(functions));
        return out.toBytes();
    }

    private void section(int id, ByteSink content) {
        out.one(id).sized(content);
    }

    private static ByteSink types(List<Signature> types) {
        ByteSink sink = new ByteSink().unsigned(types.size());
        for (Signature signature : types) {
            sink.one(0x60).unsigned(signature.params().size());
            signature.params().forEach((Type type) -> sink.one(type.code()));
            sink.unsigned(signature.result() == null ? 0 : 1);
            if (signature.result() != null) {
                sink.one(signature.result().code());
            }
        }
        return sink;
    }

    private static ByteSink exports(List<Function> functions) {
        ByteSink sink = new ByteSink();
        int count = 0;
        for (int i = 0; i < functions.size(); i++) {
            if (functions.get(i).export() != null) {
                sink.name(functions.get(i).export()).one(0).unsigned(i);
                count++;
            }
        }
        return new ByteSink().unsigned(count).all(sink);
    }

    private static ByteSink names(List<Function> functions) {
        ByteSink map = new ByteSink().unsigned(functions.size());
        for (int i = 0; i < functions.size(); i++) {
            map.unsigned(i).name(functions.get(i).place());
        }
        return new ByteSink().name("name").one(1).sized(map);
    }
}
