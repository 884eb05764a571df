// The segments of flat buffers, cut into pieces: one block works on one piece, which belongs to one
// segment and lies in one chunk of 2^bits elements of the buffer. The piece of segment s in chunk c
// has the number c + s. As segments lie in ascending order, no number is given twice, and a block finds
// its piece from the table of segments alone: the host need not know that table. There are fewer
// numbers than chunks and segments together; some of them have no piece.
#pragma once

namespace talweg {

// Columns of the table of segments, see FusedCall.Segment.
constexpr int OFFSET = 0;
constexpr int LENGTH = 1;
constexpr int GROUP = 2;
constexpr int HAS_GRADIENT = 3;
constexpr int COLUMNS = 4;

// Entries of the step state, see StepState.
constexpr int ATTEMPTED = 0;
constexpr int APPLIED = 1;
constexpr int COUNTERS = 3;
constexpr int INCREMENTS = 3;
constexpr int WRITE = 4;
constexpr int BAD_SEGMENT = 6;
constexpr int BAD_STEP = 7;
constexpr int GRAD_SCALE = 8;
constexpr int GRAD_NORM = 9;

// The elements from..to of a segment; none where the number has no piece or it has no gradient.
struct Piece {
    int segment;
    long long from;
    long long to;
};

// The number of a segment's first piece.
__device__ __forceinline__ long long firstPiece(const long long *segments, int segment, int bits) {
    return (segments[segment * (long long)COLUMNS + OFFSET] >> bits) + segment;
}

// Behind the number of a segment's last piece.
__device__ __forceinline__ long long endPiece(const long long *segments, int segment, int bits) {
    const long long *row = segments + segment * (long long)COLUMNS;
    long long end = row[OFFSET] + row[LENGTH];
    return row[LENGTH] == 0 ? firstPiece(segments, segment, bits) : ((end - 1) >> bits) + segment + 1;
}

// The lanes of a warp look at once: one load's latency leaves a 32nd of the segments. To be called by all
// of them.
__device__ __forceinline__ Piece pieceOf(const long long *segments, long long count, int bits,
                                         long long number) {
    int low = 0;
    int left = (int)count;
    while (left > 1) {
        int step = (left + 31) >> 5;
        int ahead = (threadIdx.x & 31) * step;
        bool begun = ahead < left && firstPiece(segments, low + ahead, bits) <= number;
        int last = max(__popc(__ballot_sync(0xffffffffu, begun)) - 1, 0) * step;
        low += last;
        left = min(step, left - last);
    }
    const long long *row = segments + low * (long long)COLUMNS;
    long long chunk = number - low;
    long long end = row[OFFSET] + row[LENGTH];
    bool present = row[HAS_GRADIENT] != 0;
    return {low, max(row[OFFSET], chunk << bits), present ? min(end, (chunk + 1) << bits) : 0};
}

}  // namespace talweg
