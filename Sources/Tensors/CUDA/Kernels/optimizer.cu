// AdamW and SGD over one flat buffer.

/// The values that change from step to step (StepVariables). They are in memory, so that a recorded step reads new values each time.
struct step_variables {
    u64 dropout_seed;
    float learning_rate;
    int step;
};

/// torch.optim.AdamW. The same pass writes the bf16 copy (unless null) and sets the gradients to zero. If the guard is given and not
/// finite, only the gradients change. n is a multiple of 4. Grid G, block 256.
KERNEL_OF(256, adamw, i64 n, float *__restrict__ values, float *__restrict__ gradients, float *__restrict__ first_moment,
          float *__restrict__ second_moment, bf16 *__restrict__ copy, const step_variables *variables, float beta1, float beta2,
          float epsilon, float weight_decay, const float *guard) {
    __shared__ float corrections[2];
    if (threadIdx.x == 0) {
        corrections[0] = (float)(variables->learning_rate / (1.0 - pow((double)beta1, (double)variables->step)));
        corrections[1] = (float)(1.0 / sqrt(1.0 - pow((double)beta2, (double)variables->step)));
    }
    __syncthreads();
    bool is_finite = guard == 0 || fabsf(*guard) < INFINITY;
    float step_size = corrections[0], inverse_root = corrections[1], decay = (float)(1.0 - (double)variables->learning_rate * weight_decay);
    float one_minus_beta1 = (float)(1.0 - (double)beta1), one_minus_beta2 = (float)(1.0 - (double)beta2);
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < n / 4; i += (i64)gridDim.x * 256) {
        float p[4], g[4], m[4], v[4], zero[4] = {0, 0, 0, 0};
        if (!is_finite) {
            store<4>(gradients + i * 4, zero);
            continue;
        }
        // All loads are started before anything is written.
        load<4>(gradients + i * 4, g);
        load<4>(values + i * 4, p);
        load<4>(first_moment + i * 4, m);
        load<4>(second_moment + i * 4, v);
        store<4>(gradients + i * 4, zero);
#pragma unroll
        for (int j = 0; j < 4; j++) {
            m[j] += (g[j] - m[j]) * one_minus_beta1;
            v[j] = v[j] * beta2 + g[j] * g[j] * one_minus_beta2;
            p[j] = p[j] * decay - step_size * (m[j] / (sqrtf(v[j]) * inverse_root + epsilon));
        }
        store<4>(values + i * 4, p);
        store<4>(first_moment + i * 4, m);
        store<4>(second_moment + i * 4, v);
        if (copy != 0) store<4>(copy + i * 4, p);
    }
}

/// torch.optim.SGD with momentum: d = g + weight_decay p, buffer = momentum buffer + d, p -= learning rate times buffer; and the rest as
/// above. Grid G, block 256.
KERNEL_OF(256, sgd, i64 n, float *__restrict__ values, float *__restrict__ gradients, float *__restrict__ buffer, bf16 *__restrict__ copy,
          const step_variables *variables, float momentum, float weight_decay, const float *guard) {
    bool is_finite = guard == 0 || fabsf(*guard) < INFINITY;
    float rate = variables->learning_rate;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < n / 4; i += (i64)gridDim.x * 256) {
        float p[4], g[4], b[4], zero[4] = {0, 0, 0, 0};
        if (!is_finite) {
            store<4>(gradients + i * 4, zero);
            continue;
        }
        load<4>(gradients + i * 4, g);
        load<4>(values + i * 4, p);
        load<4>(buffer + i * 4, b);
        store<4>(gradients + i * 4, zero);
#pragma unroll
        for (int j = 0; j < 4; j++) {
            b[j] = momentum * b[j] + (g[j] + weight_decay * p[j]);
            p[j] -= rate * b[j];
        }
        store<4>(values + i * 4, p);
        store<4>(buffer + i * 4, b);
        if (copy != 0) store<4>(copy + i * 4, p);
    }
}
