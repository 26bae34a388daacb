"""What a run costs, as functions of its size: bytes that a rank sends and memory that it takes, from what the program's
source says it sends and keeps; and the seconds of a cluster whose figures are given."""
from dataclasses import dataclass
from math import ceil, log2, sqrt

WORD = 8
BLOCK = 256  # households with a stream in common
STREAM_BYTES = 63 * WORD + 8  # of which SPRNG's packed form has as many

# src/statistics/sample_sort.c, exchange.c, order.c, bins.h, exact_sum.h, inequality.c
BATCHES, BATCH_LEAST, BATCH_GREATEST = 16, 1 << 17, 1 << 27
PARTS_FROM_SAMPLE = 64
STRAIGHT, BYTES_IN_A_MESSAGE_TIME = 64, 25_000
SAMPLE, BINS_MOST, SHARED = 1024, 4096, 1024
EXACT_SUM = 142 * WORD
FIXED_SUMS = 5 + 5 + 1 + 5 + 1  # and one for each asked probability
AGREED = 128 * WORD  # single numbers: places, agreement


@dataclass(frozen=True)
class Layout:
    households: int
    ranks: int
    threads: int = 1
    quantiles: int = 9

    @property
    def fair(self):
        """Households of a rank."""
        return ceil(self.households / self.ranks)

    @property
    def batches(self):
        by_size, by_message = ceil(self.fair / BATCH_LEAST), ceil(self.fair / BATCH_GREATEST)
        return by_size if by_size < BATCHES else max(BATCHES, by_message)

    @property
    def cuts(self):
        return self.batches * self.ranks

    @property
    def room(self):
        """Bytes of a batch, with what chance adds to it."""
        batch = self.fair // self.batches + 1
        return (batch + batch // 16 + 64) * WORD

    @property
    def groups(self):
        """By which ranks exchange values; 0: straight."""
        root = sqrt(self.ranks)
        straight = self.ranks < STRAIGHT or self.room >= (self.ranks - 2 * root) * BYTES_IN_A_MESSAGE_TIME
        return 0 if straight else int(root)


def reduced(layout, rounds):
    """Bytes that a record hands to MPI_Allreduce, on each rank. rounds: counts of bins."""
    cuts = layout.cuts
    moments = 2 * EXACT_SUM + 4 * WORD
    if cuts == 1:
        find = 0
    elif layout.batches == 1 and layout.ranks <= PARTS_FROM_SAMPLE:
        find = SAMPLE * WORD
    else:
        find = (SAMPLE + rounds * max(BINS_MOST, 4 * cuts) + SHARED) * WORD
    sort = 4 * WORD * cuts
    sums = (FIXED_SUMS + layout.quantiles) * EXACT_SUM
    return moments + find + sort + sums + AGREED


def record_bytes(layout, hosts=None):
    """Bytes that a rank sends for a record, on the average: (at least, at most); with hosts, over which the ranks are
    spread evenly, those that go to another host.

    Every value goes to the rank that sorts it, unless that is its own. What is added over the ranks is sent once or
    twice by algorithms for long messages, once for each doubling of the ranks by those for short ones."""
    places = hosts or layout.ranks
    if places == 1:
        return 0, 0
    elsewhere = 1 - 1 / places
    ways = 2 if layout.groups else 1
    values = layout.fair * WORD * elsewhere * ways
    counts = layout.batches * 4 * layout.ranks * elsewhere
    least = values + counts + reduced(layout, 1) * elsewhere * places / layout.ranks
    return least, values + counts + reduced(layout, 3) * max(2, ceil(log2(layout.ranks)))


def record_messages(layout):
    """Messages that a rank sends for a record, at most: counts and values of batches to every rank, or to one of each group and
    on within its own; counts of bins round a ring of the ranks (four rounds), and shorter sums."""
    sums = 12 + 4 * layout.batches
    partners = layout.groups + ceil(layout.ranks / layout.groups) if layout.groups else layout.ranks - 1
    return 2 * layout.batches * partners + 4 * 2 * (layout.ranks - 1) + sums * max(2, ceil(log2(layout.ranks)))


def household_bytes():
    """Memory that grows with a rank's households: wealth, its stream's share, three buffers of a sixteenth."""
    return WORD + STREAM_BYTES / BLOCK + 3 * WORD / BATCHES * 17 / 16


def part_bytes(layout):
    """Memory of a rank that grows with ranks × threads: cuts, counts by part and thread, the search for the cuts; and what it
    passes on within its group."""
    cuts = layout.cuts
    counted = layout.threads * (4 * WORD + WORD) * (layout.ranks + layout.threads)
    searched = (WORD + WORD + 16 + 2 * 64) * cuts + layout.threads * WORD * max(BINS_MOST, 4 * cuts)
    passed = 2 * layout.room if layout.groups else 0
    return (
        WORD * cuts + counted + passed + (searched if layout.ranks > PARTS_FROM_SAMPLE or layout.batches > 1 else 0)
    )


def kept_bytes(quantiles=9):
    """Memory that a record keeps on every rank until the file is written: struct record (include/files/records.h), and in
    three arrays its quantiles with the points of the Lorenz curve there."""
    return 304 + (1 + quantiles) * (32 + 2 * WORD)
