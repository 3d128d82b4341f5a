package dev.crema.graph;

import dev.crema.tensor.Shape;
import org.junit.jupiter.api.Test;

import java.io.IOException;

import static org.junit.jupiter.api.Assertions.assertEquals;

class GraphTextTest {
    @Test
    void textFormIsTheGolden() throws IOException {
        Goldens.check("graphs/small_llama.txt", TestGraphs.llama().toString());
    }

    @Test
    void attributesAreInTheText() {
        var g = new GraphBuilder("g").kv(new KvLayout(2, 1, 4));
        Value x = g.input("x", Shape.of(Shape.TOKENS, 4));
        var table = new RopeTable("theta 500000 yarn", true, 1.5f, new float[] {1});
        Value turned = g.rope("turned", x, 4, table, TestGraphs.weight("factors", 1));
        g.output(g.attention("seen", turned, x, x, 0, 1, 1, 4, 0.5f, 16));
        Value seen = g.attention("capped", turned, x, x, 1, 1, 1, 4, 0.5f, 0, 50, TestGraphs.weight("sinks", 1));
        g.output(seen);
        assertEquals("""
            graph g
            kv 2 layers, 1 kv heads of 4
            %0 x f32[tokens,4] = input
            %1 turned f32[tokens,4] = rope %0, "factors" f32[1], head dim 4, {theta 500000 yarn} neighbours of 2, magnitude 1.5
            %2 seen f32[tokens,4] = attention %1, %0, %0, layer 0, heads 1/1 of 4, scale 0.5, window 16
            %3 capped f32[tokens,4] = attention %1, %0, %0, "sinks" f32[1], layer 1, heads 1/1 of 4, scale 0.5, soft cap 50.0
            outputs %2 %3
            """, g.build().toString());
    }

    @Test
    void latentsAreInTheText() {
        var g = new GraphBuilder("g").kv(new KvLayout(1, 1, 6, 4));
        Value latent = g.input("latent", Shape.of(Shape.TOKENS, 4));
        Value turned = g.input("turned", Shape.of(Shape.TOKENS, 2));
        Value key = g.join("key", latent, turned, 1);
        g.output(g.latentAttention("seen", key, key, 0, 1, 1, 6, 0.5f));
        assertEquals("""
            graph g
            kv 1 layers, 1 kv heads of 6, values their first 4
            %0 latent f32[tokens,4] = input
            %1 turned f32[tokens,2] = input
            %2 key f32[tokens,6] = join %0, %1, heads 1
            %3 seen f32[tokens,4] = attention %2, %2, layer 0, heads 1/1 of 6, scale 0.5
            outputs %3
            """, g.build().toString());
    }

    @Test
    void expertsAreInTheText() {
        var g = new GraphBuilder("g");
        Value x = g.input("x", Shape.of(Shape.TOKENS, 4));
        Value scores = g.matMul("scores", x, TestGraphs.weight("router", 8, 4), null);
        Value routes = g.route("routes", scores, TestGraphs.weight("bias", 8), new Routing(2, Scoring.SIGMOID, true, 2.5f, 4, 3, 2));
        Value products = g.expertMatMul("products", x, routes, TestGraphs.weight("experts", 8, 6, 4), TestGraphs.weight("offsets", 8, 6));
        g.output(g.expertSum("sum", products, routes));
        assertEquals("""
            graph g
            %0 x f32[tokens,4] = input
            %1 scores f32[tokens,8] = matMul %0, "router" f32[8,4]
            %2 routes f32[tokens,4] = route %1, "bias" f32[8], top 2, sigmoid, normalised, scale 2.5, 3 of 4 groups by 2
            %3 products f32[tokens,12] = expertMatMul %0, %2, "experts" f32[8,6,4], "offsets" f32[8,6]
            %4 sum f32[tokens,6] = expertSum %3, %2
            outputs %4
            """, g.build().toString());
    }
}
