"""A result file as the pictures read it."""
import math

import h5py
import numpy as np

from wealthsim.foreign import Unreadable, attribute, damaged, dimension_of, is_over_scenarios, names_along, number, numbers, open_hdf5, scenario_column
from wealthsim.plot.look import Missing, student

SLAB = 1 << 22  # households read at a time: 32 MB
BINS = 4096  # fine logarithmic bins, of which pictures make theirs
LARGEST = 1000  # households whose wealth the tail shows one by one
# Above this index, theory's Pareto tail begins where no population of this world has a household.
PARETO_MOST = 20
BY_FORMULA = "mean", "variance", "gini", "hill"  # whose NAME_error is not from parts of the population


class Result:
    """An open result file, or one scenario of it. Variables that are absent, empty or nowhere finite are all the same: not
    there. attrs: the file's attributes, and what is a scenario's own among them."""

    def __init__(self, path, scenario=None):
        """scenario: its number in the file; None for a file that has no such dimension."""
        self.path, self.file, self.scenario = path, open_hdf5(path), scenario
        try:
            if "period" not in self.file or self.file["period"].size == 0:
                raise Unreadable(f"{path}: not a result of wealthsim run: it has no variable 'period'")
            self.period = numbers(self.file["period"])
            self.row, self.attrs = self._row(), dict(self.file.attrs)
            if self.scenario is not None:
                self.attrs.update(self._own_attributes())
        except Unreadable:
            raise
        except Exception as error:  # whatever a damaged file has in store
            raise damaged(path, error) from None
        self._cross_section = None

    def _row(self):
        """Where in the file the scenario is; None where there is but one, without the dimension."""
        if "scenario" not in self.file or self.file["scenario"].ndim == 0:
            if self.scenario in (None, 0):
                return None
            raise Unreadable(f"{self.path}: it has no scenario {self.scenario}: it is the result of one run")
        known = numbers(self.file["scenario"]).tolist()
        if self.scenario not in known:
            raise Unreadable(f"{self.path}: it has no scenario {self.scenario}: it has {len(known)}, {known[0]} to {known[-1]}")
        return known.index(self.scenario)

    def _own_attributes(self):
        """The variables with one value for each scenario: the columns of the table, and theory's figures."""
        own = {name: data for name, data in self.file.items() if isinstance(data, h5py.Dataset) and is_over_scenarios(data)}
        single = {name: data for name, data in own.items() if data.ndim == 1 or data.dtype == "S1"}
        return {name: scenario_column(data)[self.row] for name, data in single.items() if name != "scenario" and self.row is not None}

    def dimensions(self, name):
        """A variable's dimensions, but for that of the scenarios."""
        over = [dimension_of(self.file[name], i) for i in range(self.file[name].ndim)]
        return over[1:] if over[:1] == ["scenario"] else over

    def piece(self, name, piece=()):
        """Of a variable's values, or the scenario's, those that piece, a slice of the first dimension, says."""
        data, piece = self.file[name], piece if isinstance(piece, tuple) else (piece,)
        return numbers(data, (self.row, *piece) if is_over_scenarios(data) and self.row is not None else piece)

    def is_empty(self, name):
        return name not in self.file or self.file[name].size == 0

    def attribute(self, name, otherwise=math.nan):
        """An attribute, or otherwise; one that is to be a number is one."""
        return (attribute if isinstance(otherwise, str) else number)(self, name, otherwise)

    def find(self, name, group=0, quantity=0):
        """The whole variable as an array, of one group and quantity, if it is of several: the first are all households and wealth;
        or None."""
        if name not in self.file:
            return None
        values, over = self.piece(name), self.dimensions(name)
        for dimension, place in ("group", group), ("quantity", quantity):
            if over[:1] == [dimension] and name != dimension and values.size:
                values, over = values[place], over[1:]
        return values if np.isfinite(values).any() else None

    def need(self, name):
        values = self.find(name)
        if values is None:
            raise Missing(f"it has no {name}" if name not in self.file else f"{name} has no finite value")
        return values

    def names(self, dimension):
        """Of the groups, or quantities; () where the file does not tell any apart."""
        return names_along(self.file, dimension)

    def series(self, name, place=None, **of):
        """A statistic at each period, of many numbers that at a place of its last dimension; None where it is not there. of: see
        find."""
        values = self.find(name, **of)
        if values is None or place is None:
            return values
        places = numbers(self.file[name].dims[self.file[name].ndim - 1][0])
        at = np.flatnonzero(np.abs(places - place) < 1e-12)
        return values[..., at[0]] if at.size and np.isfinite(values[..., at[0]]).any() else None

    def interval(self, name, place=None, **of):
        """The ends of a statistic's 95 % interval at each period, nan where it has none."""
        low, high = (self.series(f"{name}_{end}", place, **of) for end in ("low", "high"))
        if low is not None and high is not None:
            return low, high
        value, error = self.series(name, place, **of), self.series(f"{name}_error", place, **of)
        if value is None or error is None:
            return (np.full(np.shape(value), math.nan),) * 2
        times = 2 if name in BY_FORMULA else student(self.attribute("error-groups") - 1)
        return value - times * error, value + times * error

    def last(self, name):
        """The variable at the last recorded period: a float, NaN when it is not there."""
        values = self.find(name)
        return math.nan if values is None else float(values[-1])

    def over(self, name):
        """(value of the dimension behind period, variable at the last recorded period there): pairs, the finite ones."""
        values = self.find(name)
        if values is None or values.ndim != 2:
            return []
        scales = self.file[name].dims[self.file[name].ndim - 1]
        if not len(scales):
            return []
        scale = scales[0][()]
        return [(x, value) for x, value in zip(scale.tolist(), values[-1].tolist()) if math.isfinite(value)]

    def at_probability(self, name, probability):
        """A variable over probability (of the last period, if over period too) at one probability, or NaN."""
        values, probabilities = self.find(name), self.find("probability")
        if values is None or probabilities is None or probability not in probabilities:
            return math.nan
        return float(np.atleast_2d(values)[-1][np.flatnonzero(probabilities == probability)[0]])

    @property
    def cross_section(self):
        """The final wealth, read once for all pictures."""
        if self.is_empty("wealth"):
            raise Missing("it has no wealth (the run had --no-wealth)")
        if self._cross_section is None:
            self.piece("wealth", slice(0))  # its kind
            self._cross_section = CrossSection(Households(self, self.file["wealth"].shape[-1:]))
        return self._cross_section


class Households:
    """A result's wealth, of which a slab is read when it is asked for."""

    def __init__(self, result, shape):
        self.result, self.shape = result, shape

    def __getitem__(self, piece):
        return self.result.piece("wealth", piece)


class CrossSection:
    """A population's wealth as far as a picture can show it: counts and sums in fine logarithmic bins, and the
    largest values. Two passes, a slab at a time."""

    def __init__(self, dataset):
        self.n = dataset.shape[0]
        low, high, self.n_positive, self.n_negative, n_finite = math.inf, 0.0, 0, 0, 0
        for slab in slabs(dataset):
            finite = slab[np.isfinite(slab)]
            positive = finite[finite > 0]
            n_finite += finite.size
            self.n_positive += positive.size
            self.n_negative += int((finite < 0).sum())
            if positive.size:
                low, high = min(low, positive.min()), max(high, positive.max())
        self.n_infinite = self.n - n_finite
        self.n_zero = n_finite - self.n_positive - self.n_negative
        if not self.n_positive:
            raise Missing("no household has wealth that is positive and finite")
        low, high = math.log10(low), math.log10(high)
        if high - low < 1e-6:  # all households have the same
            low, high = low - 0.1, high + 0.1
        self.edges = np.linspace(low, high, BINS + 1)
        self.counts, self.sums, self.largest = np.zeros(BINS, np.int64), np.zeros(BINS), np.empty(0)
        for slab in slabs(dataset):
            self._add(slab[np.isfinite(slab) & (slab > 0)], low, BINS / (high - low))

    def _add(self, positive, low, bins_per_decade):
        place = np.clip(((np.log10(positive) - low) * bins_per_decade).astype(np.int64), 0, BINS - 1)
        self.counts += np.bincount(place, minlength=BINS)
        self.sums += np.bincount(place, weights=positive, minlength=BINS)
        largest = np.concatenate([self.largest, positive])
        if largest.size > LARGEST:
            largest = np.partition(largest, -LARGEST)[-LARGEST:]
        self.largest = np.sort(largest)

    def histogram(self):
        """(edges, shares of households) in as many bins as suit their number (Rice's rule, a power of two)."""
        n_bins = 1 << int(np.clip(round(math.log2(2 * self.n_positive ** (1 / 3))), 3, 7))
        counts = self.counts.reshape(n_bins, -1).sum(axis=1)
        return 10 ** self.edges[:: BINS // n_bins], counts / self.n

    def lorenz(self):
        """(share of households, share of wealth), from the poorest up."""
        if self.n_negative:
            raise Missing("some households are in debt: the logarithmic bins do not have them")
        households = np.concatenate([[0, self.n_zero], self.n_zero + np.cumsum(self.counts)])
        wealth = np.concatenate([[0, 0], np.cumsum(self.sums)])
        return households / households[-1], wealth / wealth[-1]

    def ranks(self, most):
        """(wealth, rank) of the richest down to rank most, ascending in rank: one by one, then by bins."""
        ranks = np.cumsum(self.counts[::-1])
        wealth = 10 ** self.edges[:-1][::-1]
        binned = (ranks > self.largest.size) & (ranks <= most) & (self.counts[::-1] > 0)
        one_by_one = np.arange(1, min(self.largest.size, int(most)) + 1)
        return (np.concatenate([self.largest[::-1][: one_by_one.size], wealth[binned]]),
                np.concatenate([one_by_one, ranks[binned]]))  # fmt: skip


def slabs(dataset):
    for start in range(0, dataset.shape[0], SLAB):
        yield dataset[start : start + SLAB]
