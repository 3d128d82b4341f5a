// WebLLM's LogitProcessors as Crema has them: functions of the tokens so far and of the logits of the next one, run in this thread.

/** For whole requests. A processor has one state, so it hears of one request after another. */
export function asLogitProcessor(processor) {
    let length = -1;
    return (tokens, logits) => {
        if (tokens.length === length + 1) {
            processor.processSampledToken(tokens[length]);
        } else {
            processor.resetState();
        }
        length = tokens.length;
        change(processor, logits);
    };
}

/** For forwardTokensAndSample: samples the one token here, and tells it to `sampled`. */
export function asSampler(processor, { temperature = 1, top_p: topP = 1 }, sampled) {
    return (tokens, logits) => {
        if (processor) {
            change(processor, logits);
        }
        const token = sample(logits, temperature, topP);
        processor?.processSampledToken(token);
        logits.fill(-Infinity);
        logits[token] = 0;
        sampled(token);
    };
}

function change(processor, logits) {
    const changed = processor.processLogits(logits);
    if (changed !== logits) {
        logits.set(changed);
    }
}

/** The likeliest token at temperature 0, else a random one of those that are likeliest and together have the probability topP. */
function sample(logits, temperature, topP) {
    const best = logits.reduce((most, logit, token) => (logit > logits[most] ? token : most), 0);
    if (temperature < 1e-5) {
        return best;
    }
    const weights = logits.map((logit) => Math.exp((logit - logits[best]) / temperature));
    const order = topP < 1 ? Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a]) : Array.from(weights.keys());
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    let kept = 0;
    let count = 0;
    while (count < order.length && kept < topP * all) {
        kept += weights[order[count++]];
    }
    let left = Math.random() * kept;
    return order.slice(0, count).find((token) => (left -= weights[token]) < 0) ?? best;
}
