// Finds all pairs of hashes that differ in few bits, without comparing every pair.
// Method: two 63-bit hashes that differ in at most 8 bits agree in one of 9 bands of 7 bits (pigeonhole principle), so only hashes that
// share a band are compared. No pair is missed; 20,000 pictures need about a tenth of the 200 million comparisons.

public enum NearCopies {
    /// The largest distance that the search supports.
    public static let largestDistance = 8
    private static let bands = 9, bandBits = 7

    /// Index pairs (smaller first, sorted) of hashes that differ in at most `distance` bits. Bit 0 of a hash is not used.
    /// - Precondition: `distance` is 0 to 8.
    public static func pairs(_ hashes: [UInt64], distance: Int) -> [(first: Int, second: Int, distance: Int)] {
        precondition((0...largestDistance).contains(distance), "nine bands find distances of at most 8")
        var found: [(first: Int, second: Int, distance: Int)] = []
        for band in 0..<bands {
            let shift = UInt64(1 + band * bandBits)
            var buckets = [[Int]](repeating: [], count: 1 << bandBits)
            let bits: UInt64 = 1 << UInt64(bandBits) - 1
            for (index, hash) in hashes.enumerated() { buckets[Int(hash >> shift & bits)].append(index) }
            for bucket in buckets {
                for (position, first) in bucket.enumerated() {
                    let hash = hashes[first]
                    for second in bucket[(position + 1)...] {
                        let difference = hash ^ hashes[second]
                        guard difference.nonzeroBitCount <= distance else { continue }
                        // A pair that shares several bands is counted in the first of them.
                        if (0..<band).contains(where: { difference >> UInt64(1 + $0 * bandBits) & bits == 0 }) { continue }
                        found.append((first, second, difference.nonzeroBitCount))
                    }
                }
            }
        }
        return found.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
    }
}
