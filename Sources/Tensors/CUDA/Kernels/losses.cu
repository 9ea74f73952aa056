// The loss, its gradient, and the counts for the metrics. Probabilities are float32 in every mode; sums are double, in a fixed order.

/// The sums of an image, and the indexes of the terms (LossWeights.Term).
enum { PRODUCT, PREDICTION, TARGET, ENTROPY, CROSS_ENTROPY, FOREGROUND_ENTROPY, SUMS };
enum { TOTAL, DICE, CROSS_ENTROPY_TERM, SPECTRAL, ENTROPY_TERM };

/// Bits of loss_weights.forms: entropy of both classes; Dice of squared predictions; cross entropy as the mean over each class separately;
/// Dice of the sums over the batch.
enum { TWO_CLASS = 1, SQUARES = 2, BALANCED = 4, ACROSS_BATCH = 8 };

struct loss_weights {
    float dice, cross_entropy, spectral, entropy;
    int forms;
    float smoothing;
};

DEVICE float entropy_of(float p) { return -p * logf(p + 1e-8f); }
DEVICE float entropy_slope(float p) { return -(logf(p + 1e-8f) + p / (p + 1e-8f)); }

/// sums [B, S, SUMS] of part s of image b. Grid (S, B), block 256.
KERNEL_OF(256, loss_sums, i64 pixels, loss_weights weights, const float *p, const u8 *target, double *sums) {
    __shared__ double scratch[8];
    i64 first = pixels * blockIdx.x / gridDim.x, last = pixels * (blockIdx.x + 1) / gridDim.x, image = (i64)blockIdx.y * pixels;
    float sum[SUMS] = {0, 0, 0, 0, 0, 0};
    for (i64 i = first + threadIdx.x; i < last; i += 256) {
        float q = p[image + i], g = target[image + i];
        sum[PRODUCT] += q * g;
        sum[PREDICTION] += weights.forms & SQUARES ? q * q : q;
        sum[TARGET] += g;
        if (weights.entropy != 0) sum[ENTROPY] += entropy_of(q) + (weights.forms & TWO_CLASS ? entropy_of(1.0f - q) : 0.0f);
        // PyTorch's rule: logarithms not below -100.
        if (weights.cross_entropy != 0 && weights.forms & BALANCED) {
            if (g > 0.5f)
                sum[FOREGROUND_ENTROPY] -= fmaxf(logf(q), -100.0f);
            else
                sum[CROSS_ENTROPY] -= fmaxf(logf(1.0f - q), -100.0f);
        } else if (weights.cross_entropy != 0)
            sum[CROSS_ENTROPY] -= g * fmaxf(logf(q), -100.0f) + (1.0f - g) * fmaxf(logf(1.0f - q), -100.0f);
    }
#pragma unroll
    for (int k = 0; k < SUMS; k++) {
        double total = block_sum((double)sum[k], scratch);
        if (threadIdx.x == 0) sums[((i64)blockIdx.y * gridDim.x + blockIdx.x) * SUMS + k] = total;
    }
}

/// Computes the terms, and for each image the factors of the Dice gradient for the target and for one (with squares: for the prediction):
/// factors [B, 2]. Behind them are the factors of the balanced cross entropy for background and foreground. `spectral` holds partial sums
/// of the spectral term. One block of 256.
KERNEL_OF(256, loss_terms, int batch, int stretches, i64 pixels, loss_weights weights, const double *sums, int spectral_count,
          const double *spectral, float *terms, float *factors) {
    __shared__ double scratch[8];
    __shared__ double whole[3];
    double dice = 0, entropy = 0, cross_entropy = 0, distance = 0, foreground = 0, foreground_entropy = 0;
    if (weights.forms & ACROSS_BATCH)
        for (int k = PRODUCT; k <= TARGET; k++) {
            double total = 0;
            for (int i = threadIdx.x; i < batch * stretches; i += 256) total += sums[(i64)i * SUMS + k];
            total = block_sum(total, scratch);
            if (threadIdx.x == 0) whole[k] = total;
        }
    __syncthreads();
    for (int b = threadIdx.x; b < batch; b += 256) {
        double total[SUMS] = {0, 0, 0, 0, 0, 0};
        for (int s = 0; s < stretches; s++)
            for (int k = 0; k < SUMS; k++) total[k] += sums[((i64)b * stretches + s) * SUMS + k];
        const double *of_dice = weights.forms & ACROSS_BATCH ? whole : total;
        double numerator = 2 * of_dice[PRODUCT] + weights.smoothing;
        double denominator = of_dice[PREDICTION] + of_dice[TARGET] + weights.smoothing;
        // An image's pixels are in one of as many quotients as images, or in the one of all.
        double share = weights.forms & ACROSS_BATCH ? 1.0 : batch;
        dice += numerator / denominator;
        entropy += total[ENTROPY];
        cross_entropy += total[CROSS_ENTROPY];
        foreground += total[TARGET];
        foreground_entropy += total[FOREGROUND_ENTROPY];
        factors[b * 2] = (float)(-2 * (double)weights.dice / (share * denominator));
        factors[b * 2 + 1] = (float)((double)weights.dice * numerator / (share * denominator * denominator));
    }
    for (int i = threadIdx.x; i < spectral_count; i += 256) distance += spectral[i];
    dice = block_sum(dice, scratch);
    entropy = block_sum(entropy, scratch);
    cross_entropy = block_sum(cross_entropy, scratch);
    distance = block_sum(distance, scratch);
    foreground = block_sum(foreground, scratch);
    foreground_entropy = block_sum(foreground_entropy, scratch);
    if (threadIdx.x != 0) return;
    double count = (double)batch * pixels;
    dice = 1 - dice / batch;
    entropy /= count;
    if (weights.forms & BALANCED) {
        double of_background = 0.5 / fmax(count - foreground, 1.0), of_foreground = 0.5 / fmax(foreground, 1.0);
        cross_entropy = of_background * cross_entropy + of_foreground * foreground_entropy;
        factors[batch * 2] = (float)(weights.cross_entropy * of_background);
        factors[batch * 2 + 1] = (float)(weights.cross_entropy * of_foreground);
    } else
        cross_entropy /= count;
    distance /= count;
    terms[DICE] = weights.dice != 0 ? (float)dice : 0.0f;
    terms[CROSS_ENTROPY_TERM] = (float)cross_entropy;
    terms[SPECTRAL] = (float)distance;
    terms[ENTROPY_TERM] = (float)entropy;
    terms[TOTAL] = (float)((weights.dice != 0 ? weights.dice * dice : 0.0) + weights.cross_entropy * cross_entropy +
                           weights.spectral * distance + weights.entropy * entropy);
}

/// dp = the gradient of all terms except the spectral one. Grid (G, B), block 256.
KERNEL_OF(256, loss_gradient, i64 pixels, loss_weights weights, float share, const float *p, const u8 *target, const float *factors,
          float *dp) {
    i64 image = (i64)blockIdx.y * pixels;
    float of_target = factors[blockIdx.y * 2], of_one = factors[blockIdx.y * 2 + 1];
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < pixels; i += (i64)gridDim.x * 256) {
        float q = p[image + i], g = target[image + i], d = 0;
        if (weights.dice != 0) d = of_target * g + (weights.forms & SQUARES ? of_one * 2.0f * q : of_one);
        if (weights.entropy != 0)
            d += weights.entropy * share * (entropy_slope(q) - (weights.forms & TWO_CLASS ? entropy_slope(1.0f - q) : 0.0f));
        if (weights.cross_entropy != 0 && weights.forms & BALANCED)
            d += factors[gridDim.y * 2 + (g > 0.5f)] * (q - g) / fmaxf(q * (1.0f - q), 1e-12f);
        else if (weights.cross_entropy != 0)
            d += weights.cross_entropy * share * (q - g) / fmaxf(q * (1.0f - q), 1e-12f);
        dp[image + i] = d;
    }
}

// ---- the spectral term: transforms are matrix products with tables of cosines and sines

/// maps [2 B, H, W] = the probabilities, then the targets as floats. Grid G, block 256.
KERNEL_OF(256, loss_maps, i64 count, const float *p, const u8 *target, float *maps) {
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < count; i += (i64)gridDim.x * 256) {
        maps[i] = p[i];
        maps[count + i] = target[i];
    }
}

/// Half spectra [2 B, 2, H, half] of the orthonormal transform, of probabilities P and then of targets G: real parts, then imaginary ones.
/// A column counts twice if its mirror image is not stored. sums [gridDim.x] = partial sums of w (|P| - |G|)^2; P becomes factor w (|P| -
/// |G|) P / |P|, 0 where |P| is 0. Grid G, block 256.
KERNEL_OF(256, spectral_terms, int batch, i64 rows, int half, int width, float factor, float *spectra, double *sums) {
    __shared__ double scratch[8];
    i64 map = rows * half, count = batch * map;
    double sum = 0;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < count; i += (i64)gridDim.x * 256) {
        i64 image = i / map, at = i - image * map;
        int column = (int)(at % half);
        float weight = column == 0 || (width % 2 == 0 && column == half - 1) ? 1.0f : 2.0f;
        float *p = spectra + image * 2 * map + at;
        const float *g = spectra + (batch + image) * 2 * map + at;
        float length = sqrtf(p[0] * p[0] + p[map] * p[map]), difference = length - sqrtf(g[0] * g[0] + g[map] * g[map]);
        sum += weight * difference * difference;
        float by = length > 0 ? factor * weight * difference / length : 0.0f;
        p[0] *= by;
        p[map] *= by;
    }
    sum = block_sum(sum, scratch);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

// ---- metrics

/// counts [B, 4] = true positives, false positives, false negatives, true negatives at p > threshold. Grid (B), block 256.
KERNEL_OF(256, confusion, i64 pixels, float threshold, const float *p, const u8 *target, i64 *counts) {
    __shared__ double scratch[8];
    i64 image = (i64)blockIdx.x * pixels;
    u32 found[4] = {0, 0, 0, 0};
    for (i64 i = threadIdx.x; i < pixels; i += 256) {
        bool is_predicted = p[image + i] > threshold, is_there = target[image + i] != 0;
        found[0] += is_predicted && is_there;
        found[1] += is_predicted && !is_there;
        found[2] += !is_predicted && is_there;
        found[3] += !is_predicted && !is_there;
    }
    for (int k = 0; k < 4; k++) {
        double total = block_sum((double)found[k], scratch);
        if (threadIdx.x == 0) counts[blockIdx.x * 4 + k] = (i64)total;
    }
}
