// Attention within windows: what does not depend on the threads. Values and gradients are in the table of operators (OperatorCaseTests).
import Foundation
import Tensors
import Testing

@Suite struct WindowAttentionTests {
    /// The table's gradient is the same bits however many threads there are.
    @Test func theResultDoesNotDependOnTheThreads() throws {
        func run(_ threads: Int) throws -> [[Float]] {
            let backend = try CPUBackend(threads: threads)
            var random = TestRandom(3)
            func leaf(_ shape: [Int]) -> Tensor {
                let count = shape.reduce(1, *)
                return backend.tensor(random.values(count).map(Float.init), [count])
                    .parameterView(shape, at: 0, gradients: backend.zeros([count]))
            }
            let qkv = leaf([3, 14, 14, 48]), table = leaf([169, 2]), tape = Tape(backend: backend, mode: .training)
            let y = tape.windowAttention(qkv, table: table, heads: 2, side: 7, shift: 3)
            tape.start(backend.tensor(random.values(y.count).map(Float.init), y.shape), at: y)
            tape.backward()
            return [backend.values(y)] + (try [qkv, table].map { backend.values(try #require($0.gradient)) })
        }
        #expect(try run(1) == run(2))
    }
}
