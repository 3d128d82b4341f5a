package dev.crema.lanes;

/** Every operation of the lane types, on what lies in memory; each result goes to a place of its own. */
final class LaneKernels {
    private static final int RESULTS = 32768;

    private LaneKernels() {
    }

    /** What is not a number has no defined bits. */
    private static void keep(int at, F32x4 value) {
        F32x4.select(value.eq(value), value, F32x4.splat(7)).store(RESULTS + at);
    }

    private static F32x4 finite(int at) {
        return I32x4.load(at).toF32().mul(F32x4.splat(0x1p-28f));
    }

    @Kernel
    static int floats(int a, int b) {
        int at = (a & 0x3fff) + (b & 3);
        F32x4 x = finite(at);
        F32x4 y = finite(at + 16).nearest();
        keep(0, x.add(y));
        keep(16, x.sub(y));
        keep(32, x.mul(y));
        keep(48, x.div(y));
        keep(64, x.min(y));
        keep(80, x.max(y));
        keep(96, x.pmin(y));
        keep(112, x.pmax(y));
        keep(128, x.neg());
        keep(144, x.abs());
        keep(160, x.sqrt());
        keep(176, x.floor());
        keep(192, x.ceil());
        keep(208, x.nearest());
        x.eq(y).store(RESULTS + 224);
        x.ne(y).store(RESULTS + 240);
        x.lt(y).store(RESULTS + 256);
        x.le(y).store(RESULTS + 272);
        x.gt(y).store(RESULTS + 288);
        x.ge(y).store(RESULTS + 304);
        x.nearest().fma(y.nearest(), F32x4.splat(3)).store(RESULTS + 320);
        keep(336, F32x4.select(x.lt(y), x, y));
        x.mul(F32x4.splat(0x1p30f)).truncateToI32().store(RESULTS + 352);
        x.nearestToI32().store(RESULTS + 368);
        keep(384, x.replaceLane(2, y.extractLane(3)).replaceLane(0, y.extractLane(0)));
        keep(400, F32x4.shuffle(x, y, 3, 5, 0, 6));
        keep(416, F32x4.splat(x.sum() + y.maxLane()));
        keep(432, F32x4.loadSplat(at));
        keep(448, F32x4.loadSplat(at + 4L));
        keep(464, F32x4.load(at));
        keep(480, F32x4.load(at + 16L));
        keep(496, F32x4.zero());
        keep(512, F32x4.splat(b));
        keep(528, F32x4.loadF16(at));
        keep(544, F32x4.loadF16(at + 8L));
        keep(560, F32x4.loadBf16(at));
        keep(576, F32x4.loadBf16(at + 2L));
        F32x4.load(at).store(RESULTS + 592);
        F32x4.load(at).store(RESULTS + 608L);
        x.asI32x4().xor(x.asI16x8().asI32x4()).or(x.asI8x16().asI32x4()).add(x.asU8x16().asI32x4()).store(RESULTS + 624);
        keep(2048, F32x4.loadF16Finite(at));
        keep(2064, F32x4.loadF16Finite(at + 8L));
        keep(2080, F32x4.f16(I32x4.load(at)));
        Memory.storeF32(RESULTS + 2096, Memory.loadF16Finite(at) + Memory.loadF16Finite(at + 2L));
        return 0;
    }

    @Kernel
    static int integers32(int a, int b) {
        int at = (a & 0x3fff) + (b & 3);
        I32x4 x = I32x4.load(at);
        I32x4 y = I32x4.load(at + 16);
        x.add(y).store(RESULTS + 0);
        x.sub(y).store(RESULTS + 16);
        x.min(y).store(RESULTS + 32);
        x.max(y).store(RESULTS + 48);
        x.and(y).store(RESULTS + 64);
        x.or(y).store(RESULTS + 80);
        x.xor(y).store(RESULTS + 96);
        x.andNot(y).store(RESULTS + 112);
        x.eq(y).store(RESULTS + 128);
        x.ne(y).store(RESULTS + 144);
        x.lt(y).store(RESULTS + 160);
        x.le(y).store(RESULTS + 176);
        x.gt(y).store(RESULTS + 192);
        x.ge(y).store(RESULTS + 208);
        x.mul(y).store(RESULTS + 224);
        x.not().store(RESULTS + 240);
        x.neg().store(RESULTS + 256);
        x.abs().store(RESULTS + 272);
        x.shl(b).store(RESULTS + 288);
        x.shl(3).store(RESULTS + 304);
        x.shrU(b).store(RESULTS + 320);
        x.shrU(3).store(RESULTS + 336);
        x.shr(b).store(RESULTS + 352);
        x.shr(3).store(RESULTS + 368);
        I32x4.select(x.lt(y), x, y).store(RESULTS + 384);
        x.replaceLane(3, y.extractLane(1)).replaceLane(0, b).store(RESULTS + 400);
        I32x4.shuffle(x, y, 3, 4, 1, 6).store(RESULTS + 416);
        I32x4.splat(b).store(RESULTS + 432);
        I32x4.splat(b).add(I32x4.splat(-2)).store(RESULTS + 448);
        I32x4.zero().store(RESULTS + 464);
        I32x4.loadSplat(at + 5).store(RESULTS + 480);
        I32x4.loadSplat(at + 7L).store(RESULTS + 496);
        I32x4.load(at + 9).store(RESULTS + 512);
        I32x4.load(at + 11L).store(RESULTS + 528);
        x.storeLow(RESULTS + 544);
        y.storeLow(RESULTS + 560L);
        y.store(RESULTS + 576L);
        I32x4.splat((x.anyTrue() ? 1 : 0) + (x.xor(x).anyTrue() ? 2 : 0) + x.extractLane(0) + x.extractLane(3)).store(RESULTS + 592);
        x.toF32().store(RESULTS + 608);
        I32x4.splat(x.sum()).store(RESULTS + 624);
        I32x4.loadI16x4(at + 1).store(RESULTS + 640);
        I32x4.loadI16x4(at + 3L).store(RESULTS + 656);
        I32x4.loadU16x4(at + 1).store(RESULTS + 672);
        I32x4.loadU16x4(at + 3L).store(RESULTS + 688);
        x.asF32x4().asI32x4().add(x.asI16x8().asI32x4()).add(x.asI8x16().asI32x4()).add(x.asU8x16().asI32x4()).store(RESULTS + 704);
        return 0;
    }

    @Kernel
    static int integers16(int a, int b) {
        int at = (a & 0x3fff) + (b & 3);
        I16x8 x = I16x8.load(at);
        I16x8 y = I16x8.load(at + 16);
        x.add(y).store(RESULTS + 0);
        x.sub(y).store(RESULTS + 16);
        x.min(y).store(RESULTS + 32);
        x.max(y).store(RESULTS + 48);
        x.and(y).store(RESULTS + 64);
        x.or(y).store(RESULTS + 80);
        x.xor(y).store(RESULTS + 96);
        x.andNot(y).store(RESULTS + 112);
        x.eq(y).store(RESULTS + 128);
        x.ne(y).store(RESULTS + 144);
        x.lt(y).store(RESULTS + 160);
        x.le(y).store(RESULTS + 176);
        x.gt(y).store(RESULTS + 192);
        x.ge(y).store(RESULTS + 208);
        x.mul(y).store(RESULTS + 224);
        x.addSaturate(y).store(RESULTS + 240);
        x.subSaturate(y).store(RESULTS + 256);
        x.not().store(RESULTS + 272);
        x.neg().store(RESULTS + 288);
        x.abs().store(RESULTS + 304);
        x.shl(b).store(RESULTS + 320);
        x.shl(3).store(RESULTS + 336);
        x.shrU(b).store(RESULTS + 352);
        x.shrU(3).store(RESULTS + 368);
        x.shr(b).store(RESULTS + 384);
        x.shr(3).store(RESULTS + 400);
        I16x8.select(x.lt(y), x, y).store(RESULTS + 416);
        x.replaceLane(7, y.extractLane(1)).replaceLane(0, b).store(RESULTS + 432);
        I16x8.shuffle(x, y, 7, 11, 12, 4, 6, 1, 2, 4).store(RESULTS + 448);
        I16x8.splat(b).store(RESULTS + 464);
        I16x8.splat(b).add(I16x8.splat(-2)).store(RESULTS + 480);
        I16x8.zero().store(RESULTS + 496);
        I16x8.loadSplat(at + 5).store(RESULTS + 512);
        I16x8.loadSplat(at + 7L).store(RESULTS + 528);
        I16x8.load(at + 9).store(RESULTS + 544);
        I16x8.load(at + 11L).store(RESULTS + 560);
        x.storeLow(RESULTS + 576);
        y.storeLow(RESULTS + 592L);
        y.store(RESULTS + 608L);
        I32x4.splat((x.anyTrue() ? 1 : 0) + (x.xor(x).anyTrue() ? 2 : 0) + x.extractLane(0) + x.extractLane(7)).store(RESULTS + 624);
        x.extmulLow(y).store(RESULTS + 640);
        x.extmulHigh(y).store(RESULTS + 656);
        x.dot(y).store(RESULTS + 672);
        x.extaddPairwise().store(RESULTS + 688);
        x.toI32Low().store(RESULTS + 704);
        x.toI32High().store(RESULTS + 720);
        x.toI32LowU().store(RESULTS + 736);
        x.toI32HighU().store(RESULTS + 752);
        I16x8.loadI8x8(at + 1).store(RESULTS + 768);
        I16x8.loadI8x8(at + 3L).store(RESULTS + 784);
        I16x8.loadU8x8(at + 1).store(RESULTS + 800);
        I16x8.loadU8x8(at + 3L).store(RESULTS + 816);
        I16x8.narrow(I32x4.load(at).shr(14), I32x4.load(at + 16)).store(RESULTS + 832);
        x.asF32x4().asI16x8().add(x.asI32x4().asI16x8()).add(x.asI8x16().asI16x8()).add(x.asU8x16().asI16x8()).store(RESULTS + 848);
        return 0;
    }

    @Kernel
    static int signed8(int a, int b) {
        int at = (a & 0x3fff) + (b & 3);
        I8x16 x = I8x16.load(at);
        I8x16 y = I8x16.load(at + 16);
        x.add(y).store(RESULTS + 0);
        x.sub(y).store(RESULTS + 16);
        x.min(y).store(RESULTS + 32);
        x.max(y).store(RESULTS + 48);
        x.and(y).store(RESULTS + 64);
        x.or(y).store(RESULTS + 80);
        x.xor(y).store(RESULTS + 96);
        x.andNot(y).store(RESULTS + 112);
        x.eq(y).store(RESULTS + 128);
        x.ne(y).store(RESULTS + 144);
        x.lt(y).store(RESULTS + 160);
        x.le(y).store(RESULTS + 176);
        x.gt(y).store(RESULTS + 192);
        x.ge(y).store(RESULTS + 208);
        x.addSaturate(y).store(RESULTS + 224);
        x.subSaturate(y).store(RESULTS + 240);
        x.not().store(RESULTS + 256);
        x.neg().store(RESULTS + 272);
        x.abs().store(RESULTS + 288);
        x.shl(b).store(RESULTS + 304);
        x.shl(3).store(RESULTS + 320);
        x.shrU(b).store(RESULTS + 336);
        x.shrU(3).store(RESULTS + 352);
        x.shr(b).store(RESULTS + 368);
        x.shr(3).store(RESULTS + 384);
        I8x16.select(x.lt(y), x, y).store(RESULTS + 400);
        x.replaceLane(15, y.extractLane(1)).replaceLane(0, b).store(RESULTS + 416);
        I8x16.shuffle(x, y, 23, 30, 30, 18, 26, 14, 28, 0, 26, 16, 15, 14, 0, 18, 19, 21).store(RESULTS + 432);
        I8x16.splat(b).store(RESULTS + 448);
        I8x16.splat(b).add(I8x16.splat(-2)).store(RESULTS + 464);
        I8x16.zero().store(RESULTS + 480);
        I8x16.loadSplat(at + 5).store(RESULTS + 496);
        I8x16.loadSplat(at + 7L).store(RESULTS + 512);
        I8x16.load(at + 9).store(RESULTS + 528);
        I8x16.load(at + 11L).store(RESULTS + 544);
        x.storeLow(RESULTS + 560);
        y.storeLow(RESULTS + 576L);
        y.store(RESULTS + 592L);
        I32x4.splat((x.anyTrue() ? 1 : 0) + (x.xor(x).anyTrue() ? 2 : 0) + x.extractLane(0) + x.extractLane(15)).store(RESULTS + 608);
        x.extmulLow(y).store(RESULTS + 624);
        x.extmulHigh(y).store(RESULTS + 640);
        x.extaddPairwise().store(RESULTS + 656);
        x.toI16Low().store(RESULTS + 672);
        x.toI16High().store(RESULTS + 688);
        x.swizzle(y.and(I8x16.splat(31)).asU8x16()).store(RESULTS + 704);
        x.lookup(y.and(I8x16.splat(15)).asU8x16()).store(RESULTS + 720);
        I8x16.loadLow(at + 1).store(RESULTS + 736);
        I8x16.loadLow(at + 3L).store(RESULTS + 752);
        I8x16.narrow(I16x8.load(at), I16x8.load(at + 16).shr(7)).store(RESULTS + 768);
        x.asF32x4().asI8x16().add(x.asI32x4().asI8x16()).add(x.asI16x8().asI8x16()).add(x.asU8x16().asI8x16()).store(RESULTS + 784);
        I8x16 seven = y.and(I8x16.splat(127));
        x.dot7(seven, I32x4.load(at + 32)).store(RESULTS + 800);
        I32x4.splat(x.dot7Any(seven, I32x4.load(at + 32)).sum()).store(RESULTS + 816);
        x.dot7Pairs(seven).store(RESULTS + 832);
        return 0;
    }

    @Kernel
    static int unsigned8(int a, int b) {
        int at = (a & 0x3fff) + (b & 3);
        U8x16 x = U8x16.load(at);
        U8x16 y = U8x16.load(at + 16);
        x.add(y).store(RESULTS + 0);
        x.sub(y).store(RESULTS + 16);
        x.min(y).store(RESULTS + 32);
        x.max(y).store(RESULTS + 48);
        x.and(y).store(RESULTS + 64);
        x.or(y).store(RESULTS + 80);
        x.xor(y).store(RESULTS + 96);
        x.andNot(y).store(RESULTS + 112);
        x.eq(y).store(RESULTS + 128);
        x.ne(y).store(RESULTS + 144);
        x.lt(y).store(RESULTS + 160);
        x.le(y).store(RESULTS + 176);
        x.gt(y).store(RESULTS + 192);
        x.ge(y).store(RESULTS + 208);
        x.addSaturate(y).store(RESULTS + 224);
        x.subSaturate(y).store(RESULTS + 240);
        x.not().store(RESULTS + 256);
        x.shl(b).store(RESULTS + 272);
        x.shl(3).store(RESULTS + 288);
        x.shrU(b).store(RESULTS + 304);
        x.shrU(3).store(RESULTS + 320);
        U8x16.select(x.lt(y), x, y).store(RESULTS + 336);
        x.replaceLane(15, y.extractLane(1)).replaceLane(0, b).store(RESULTS + 352);
        U8x16.shuffle(x, y, 23, 30, 30, 18, 26, 14, 28, 0, 26, 16, 15, 14, 0, 18, 19, 21).store(RESULTS + 368);
        U8x16.splat(b).store(RESULTS + 384);
        U8x16.splat(b).add(U8x16.splat(-2)).store(RESULTS + 400);
        U8x16.zero().store(RESULTS + 416);
        U8x16.loadSplat(at + 5).store(RESULTS + 432);
        U8x16.loadSplat(at + 7L).store(RESULTS + 448);
        U8x16.load(at + 9).store(RESULTS + 464);
        U8x16.load(at + 11L).store(RESULTS + 480);
        x.storeLow(RESULTS + 496);
        y.storeLow(RESULTS + 512L);
        y.store(RESULTS + 528L);
        I32x4.splat((x.anyTrue() ? 1 : 0) + (x.xor(x).anyTrue() ? 2 : 0) + x.extractLane(0) + x.extractLane(15)).store(RESULTS + 544);
        x.extmulLow(y).store(RESULTS + 560);
        x.extmulHigh(y).store(RESULTS + 576);
        x.extaddPairwise().store(RESULTS + 592);
        x.toI16Low().store(RESULTS + 608);
        x.toI16High().store(RESULTS + 624);
        x.swizzle(y.and(U8x16.splat(31))).store(RESULTS + 640);
        x.lookup(y.and(U8x16.splat(15))).store(RESULTS + 656);
        U8x16.loadLow(at + 1).store(RESULTS + 672);
        U8x16.loadLow(at + 3L).store(RESULTS + 688);
        U8x16.narrow(I16x8.load(at), I16x8.load(at + 16).shr(7)).store(RESULTS + 704);
        x.asF32x4().asU8x16().add(x.asI32x4().asU8x16()).add(x.asI16x8().asU8x16()).add(x.asI8x16().asU8x16()).store(RESULTS + 720);
        return 0;
    }
}
