"""The selective scan of the text mixer in forms that suit a GPU: the same values and gradients as the loop over positions in Scripts/golden/reference_model.py.

doubling: plain PyTorch, five rounds instead of 24 positions; torch.compile fuses it.
triton: one kernel forward and one backward, as mamba's CUDA kernel has it; `triton` must be importable.
Shapes: u, step [B,L,K], log_a [K,S], skip [K], b, c [B,L,S] -> [B,L,K]; B batch, L positions, K channels, S states. float32, or float64 for `doubling`.
"""

import torch

try:
    import triton
    import triton.language as tl
except ImportError:
    triton = None


def doubling(u, step, log_a, skip, b, c):
    """Composes neighbouring positions' maps h -> decay h + input over distances 1, 2, 4, ...: products of decays below one, so nothing overflows."""
    decay = torch.exp(step[..., None] * -torch.exp(log_a))
    state = (step * u)[..., None] * b[:, :, None, :]
    length, distance = u.shape[1], 1
    while distance < length:
        earlier = state[:, :-distance] * decay[:, distance:]
        state = torch.cat([state[:, :distance], state[:, distance:] + earlier], dim=1)
        if 2 * distance < length:
            decay = torch.cat([decay[:, :distance], decay[:, distance:] * decay[:, :-distance]], dim=1)
        distance *= 2
    return (state * c[:, :, None, :]).sum(-1) + skip * u


if triton is not None:

    @triton.jit
    def scan_forward(u, step, log_a, skip, b, c, y, states, K, L: tl.constexpr, S: tl.constexpr, BLOCK: tl.constexpr):
        """One program: one sample, BLOCK channels, all positions; the states are kept for the backward pass."""
        sample, k, s = tl.program_id(0), tl.program_id(1) * BLOCK + tl.arange(0, BLOCK), tl.arange(0, S)
        inside = k < K
        a = -tl.exp(tl.load(log_a + k[:, None] * S + s[None, :], mask=inside[:, None], other=0.0))
        d = tl.load(skip + k, mask=inside, other=0.0)
        h = tl.zeros([BLOCK, S], dtype=tl.float32)
        for position in range(L):
            row = sample * L + position
            u_l = tl.load(u + row * K + k, mask=inside, other=0.0)
            step_l = tl.load(step + row * K + k, mask=inside, other=0.0)
            b_l, c_l = tl.load(b + row * S + s), tl.load(c + row * S + s)
            h = tl.exp(step_l[:, None] * a) * h + (step_l * u_l)[:, None] * b_l[None, :]
            tl.store(states + (row * K + k[:, None]) * S + s[None, :], h, mask=inside[:, None])
            tl.store(y + row * K + k, tl.sum(h * c_l[None, :], axis=1) + d * u_l, mask=inside)

    @triton.jit
    def scan_backward(
            u, step, log_a, skip, b, c, states, dy, du, dstep, dlog_a, dskip, db, dc, K, BLOCKS,
            L: tl.constexpr, S: tl.constexpr, BLOCK: tl.constexpr):
        """Positions in reverse. What sums over samples or channels is left as one part per program, summed by PyTorch: no atomics, so results repeat."""
        sample, block, s = tl.program_id(0), tl.program_id(1), tl.arange(0, S)
        k = block * BLOCK + tl.arange(0, BLOCK)
        inside = k < K
        a = -tl.exp(tl.load(log_a + k[:, None] * S + s[None, :], mask=inside[:, None], other=0.0))
        d = tl.load(skip + k, mask=inside, other=0.0)
        dh = tl.zeros([BLOCK, S], dtype=tl.float32)
        da = tl.zeros([BLOCK, S], dtype=tl.float32)
        dd = tl.zeros([BLOCK], dtype=tl.float32)
        for back in range(L):
            position = L - 1 - back
            row = sample * L + position
            u_l = tl.load(u + row * K + k, mask=inside, other=0.0)
            step_l = tl.load(step + row * K + k, mask=inside, other=0.0)
            dy_l = tl.load(dy + row * K + k, mask=inside, other=0.0)
            b_l, c_l = tl.load(b + row * S + s), tl.load(c + row * S + s)
            here = (row * K + k[:, None]) * S + s[None, :]
            h = tl.load(states + here, mask=inside[:, None], other=0.0)
            before = tl.load(states + here - K * S, mask=inside[:, None] & (position > 0), other=0.0)
            part = ((sample * BLOCKS + block) * L + position) * S + s
            tl.store(dc + part, tl.sum(h * dy_l[:, None], axis=0))
            dh += dy_l[:, None] * c_l[None, :]
            tl.store(db + part, tl.sum(dh * (step_l * u_l)[:, None], axis=0))
            decay = tl.exp(step_l[:, None] * a)
            along = dh * decay * before
            through = tl.sum(dh * b_l[None, :], axis=1)
            da += along * step_l[:, None]
            dd += dy_l * u_l
            tl.store(du + row * K + k, through * step_l + dy_l * d, mask=inside)
            tl.store(dstep + row * K + k, through * u_l + tl.sum(along * a, axis=1), mask=inside)
            dh = dh * decay
        # d/d log_a of -exp(log_a) is a itself.
        tl.store(dlog_a + (sample * K + k[:, None]) * S + s[None, :], da * a, mask=inside[:, None])
        tl.store(dskip + sample * K + k, dd, mask=inside)


class TritonScan(torch.autograd.Function):
    BLOCK = 16

    @staticmethod
    def forward(ctx, u, step, log_a, skip, b, c):
        u, step, log_a, skip, b, c = (x.contiguous() for x in (u, step, log_a, skip, b, c))
        (samples, length, channels), size = u.shape, log_a.shape[1]
        y, states = torch.empty_like(u), u.new_empty(samples, length, channels, size)
        blocks = triton.cdiv(channels, TritonScan.BLOCK)
        scan_forward[(samples, blocks)](u, step, log_a, skip, b, c, y, states, channels, L=length, S=size, BLOCK=TritonScan.BLOCK)
        ctx.save_for_backward(u, step, log_a, skip, b, c, states)
        return y

    @staticmethod
    def backward(ctx, dy):
        u, step, log_a, skip, b, c, states = ctx.saved_tensors
        (samples, length, channels), size = u.shape, log_a.shape[1]
        blocks = triton.cdiv(channels, TritonScan.BLOCK)
        du, dstep = torch.empty_like(u), torch.empty_like(u)
        dlog_a, dskip = u.new_empty(samples, channels, size), u.new_empty(samples, channels)
        db, dc = (u.new_empty(samples, blocks, length, size) for _ in range(2))
        scan_backward[(samples, blocks)](
            u, step, log_a, skip, b, c, states, dy.contiguous(), du, dstep, dlog_a, dskip, db, dc, channels, blocks,
            L=length, S=size, BLOCK=TritonScan.BLOCK)
        return du, dstep, dlog_a.sum(0), dskip.sum(0), db.sum(1), dc.sum(1)


def by_name(name):
    """The scan of that name; None for the reference's own loop."""
    if name == "triton":
        if triton is None:
            raise ImportError("the scan 'triton' needs the package triton; use --scan doubling")
        return TritonScan.apply
    return {"loop": None, "doubling": doubling}[name]
