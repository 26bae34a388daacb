"""What a run costs, as functions of its size: bytes that a rank sends and memory that it takes, from what the program's
source says it sends and keeps; and the seconds of a cluster whose figures are given."""
from dataclasses import dataclass, replace
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
OF_MANY_SUMS = 2 * WORD, 24 * WORD  # of each of more than four, which leave out limbs that are zero: at least, at most
FIXED_SUMS = 5 + 5 + 1 + 5 + 1  # and one for each asked probability
UNTIED = 0.9  # of the values; those that equal a cut are counted and not sent, as many at a borrowing limit may be
START_CALLS = 48
AGREED = 128 * WORD  # single numbers: places, agreement

# src/statistics/sort_labels.c, subpopulations.c, correlation.c; src/simulation/groups.c, beyond.c
LABELS_MOST, BLOCKS_OF_LABEL = 32, 2  # sub-populations, by default
SHARES, HILLS, WIDE = 5, 5, 3
CORRELATION_SUMS = 5  # of each label
LABEL_CALLS, LABEL_CALLS_OF_BATCH = 2, 4  # sums that labels add to a record, and to each of its batches
BEYOND_BYTES, BEYOND_CALLS = 2 * WORD + 2 * EXACT_SUM, 2


@dataclass(frozen=True)
class Layout:
    households: int
    ranks: int
    threads: int = 1
    quantiles: int = 9
    quantities: int = 0  # besides wealth, of a model file
    groups: tuple = ()  # of a model file, the share of the households that each has
    population: int = 0  # that these households are a group of; 0: they are all

    @property
    def fair(self):
        """Households of a rank."""
        return ceil(self.households / self.ranks)

    @property
    def labels(self):
        """Sub-populations, which go along with the values."""
        n = ceil((self.population or self.households) / BLOCK) // BLOCKS_OF_LABEL
        return min(n, LABELS_MOST) if n > 1 else 0

    @property
    def is_of_file(self):
        return self.quantities > 0 or len(self.groups) > 0

    def summaries(self):
        """A layout for each of the summaries that a record has of a quantity: of all households, and of each group."""
        own = [round(self.households * share) for share in self.groups if share > 0]
        return [replace(self, households=n, population=self.households, quantities=0, groups=()) for n in (self.households, *own)]

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
    def rank_groups(self):
        """Groups of ranks by which values are exchanged; 0: straight."""
        root = sqrt(self.ranks)
        is_straight = self.ranks < STRAIGHT or self.room >= (self.ranks - 2 * root) * BYTES_IN_A_MESSAGE_TIME
        return 0 if is_straight else int(root)


def label_bytes(layout):
    """Bytes that labels add to a summary's sums: how many values have each, and what the sub-populations' statistics are made of."""
    numbers = 2 * (SHARES + layout.quantiles) + 2 + WIDE * (2 + HILLS) + 2 * (1 + layout.quantiles) + HILLS
    return WORD * layout.labels * (1 + numbers + 2 * layout.batches)


def tie_bytes(layout):
    """Bytes that labels hand to MPI_Reduce_scatter_block: how many values of each equal each part's lower end."""
    return WORD * layout.labels * layout.cuts * (layout.ranks > 1)


def reduced(layout, rounds, of_sum):
    """Bytes that a summary hands to MPI_Allreduce and its like, on each rank. rounds: counts of bins; of_sum: bytes of an exact
    sum of many."""
    cuts = layout.cuts
    moments = 2 * EXACT_SUM + 4 * WORD
    if cuts == 1:
        find = 0
    elif layout.batches == 1 and layout.ranks <= PARTS_FROM_SAMPLE:
        find = SAMPLE * WORD
    else:
        find = (SAMPLE + rounds * max(BINS_MOST, 4 * cuts) + SHARED) * WORD
    sort = 4 * WORD * cuts
    sums = (FIXED_SUMS + layout.quantiles) * of_sum
    return moments + find + sort + sums + label_bytes(layout) + AGREED


def summary_bytes(layout, hosts=None):
    """Bytes that a rank sends for a summary, on the average: (at least, at most); with hosts, over which the ranks are
    spread evenly, those that go to another host.

    Every value goes to the rank that sorts it, unless that is its own. What is added over the ranks is sent once or
    twice by algorithms for long messages, once for each doubling of the ranks by those for short ones; of what is added and
    divided up, each rank's share goes there by way of others or not."""
    places = hosts or layout.ranks
    if places == 1:
        return 0, 0
    elsewhere = 1 - 1 / places
    values = layout.fair * WORD * elsewhere
    if layout.rank_groups:  # to a rank of each group, and on within its own
        kept = layout.rank_groups, layout.ranks / layout.rank_groups
        values = layout.fair * WORD * sum(1 - 1 / n if places == layout.ranks else elsewhere for n in kept)
    counts = layout.batches * 4 * layout.ranks * elsewhere
    ties = tie_bytes(layout) * elsewhere
    least = UNTIED * values + counts + (ties + reduced(layout, 1, OF_MANY_SUMS[0]) * elsewhere) * places / layout.ranks
    return least, values + counts + 2 * ties + reduced(layout, 3, OF_MANY_SUMS[1]) * doublings(layout)


def doublings(layout):
    return max(2, ceil(log2(layout.ranks)))


def record_bytes(layout, hosts=None):
    """The same for a record: summaries of wealth and of a model file's other quantities, of all households and of each group; how
    quantities go with wealth; how many are in each group; and who is beyond the knots."""
    found = [summary_bytes(each, hosts) for each in layout.summaries()]
    of_quantity = [sum(ends) for ends in zip(*found)]
    if not layout.is_of_file or layout.ranks == 1:
        return tuple(of_quantity)
    correlations = layout.quantities * len(found) * CORRELATION_SUMS * max(1, layout.labels)
    more = WORD * len(layout.groups) + BEYOND_BYTES
    places = hosts or layout.ranks
    least, most = (
        (1 + layout.quantities) * end + (more + correlations * of_sum) * times
        for end, of_sum, times in zip(of_quantity, OF_MANY_SUMS, ((1 - 1 / places) * places / layout.ranks, doublings(layout)))
    )
    return least, most


def summary_messages(layout):
    """Messages that a rank sends for a summary, at most: counts and values of batches to every rank, or to one of each group of
    ranks and on within its own; counts of bins round a ring of the ranks (four rounds), and shorter sums."""
    sums = 12 + 4 * layout.batches + (LABEL_CALLS + LABEL_CALLS_OF_BATCH * layout.batches) * (layout.labels > 0)
    groups = layout.rank_groups
    partners = groups - 1 + ceil(layout.ranks / groups) - 1 if groups else layout.ranks - 1
    return 2 * layout.batches * partners + 4 * 2 * (layout.ranks - 1) + sums * doublings(layout)


def record_messages(layout):
    """The same for a record. Sums of correlations go round a ring, too, as they are long."""
    found = layout.summaries()
    of_quantity = sum(map(summary_messages, found))
    if not layout.is_of_file:
        return of_quantity
    long = layout.quantities * len(found) * max(2 * (layout.ranks - 1), doublings(layout))
    short = (1 + BEYOND_CALLS + 4 * (1 + layout.quantities)) * doublings(layout)
    return (1 + layout.quantities) * of_quantity + long + short


def start_messages(layout):
    """Messages that a rank sends, at most, in a run of no periods, which has one record: to agree on what it is asked for, on
    memory, folders and files, and to tell rank 0 its seconds."""
    return START_CALLS * 2 * doublings(layout) + record_messages(layout)


def household_bytes():
    """Memory that grows with a rank's households: wealth, its stream's share, three buffers of a sixteenth."""
    return WORD + STREAM_BYTES / BLOCK + 3 * WORD / BATCHES * 17 / 16


def part_bytes(layout):
    """Memory of a rank that grows with ranks × threads: cuts, counts by part and thread, the search for the cuts; and what it
    passes on within its group of ranks."""
    counted = layout.threads * (4 * WORD + WORD) * (layout.ranks + layout.threads)
    searched = (WORD + WORD + 16 + 2 * 64) * layout.cuts + layout.threads * WORD * max(BINS_MOST, 4 * layout.cuts)
    is_searched = layout.ranks > PARTS_FROM_SAMPLE or layout.batches > 1
    return WORD * layout.cuts + counted + is_searched * searched + (2 * layout.room if layout.rank_groups else 0)


def kept_bytes(quantiles=9):
    """Memory that a record keeps on every rank until the file is written: struct record (include/files/records.h), and in
    three arrays its quantiles with the points of the Lorenz curve there."""
    return 304 + (1 + quantiles) * (32 + 2 * WORD)
