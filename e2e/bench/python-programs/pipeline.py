"""dask.delayed: signals are made, cleaned, looked at in two ways, and joined pair by pair."""

import dask
import numpy as np
from dask import delayed
from frame import digest, main

sizes = {"small": {"signals": 12, "length": 1_000}, "full": {"signals": 300, "length": 50_000}}


@delayed
def load(seed, length):
    random = np.random.default_rng(seed)
    return np.cumsum(random.integers(-3, 4, length)).astype("f8")


@delayed
def clean(signal):
    trend = np.linspace(signal[0], signal[-1], len(signal))
    return signal - trend


@delayed(nout=2)
def extremes(signal):
    return float(signal.min()), float(signal.max())


@delayed
def spectrum(signal):
    return np.abs(np.fft.rfft(signal))[:64]


@delayed
def join(*parts):
    return np.maximum.reduce(parts)


@delayed
def report_of(peaks, lows, highs):
    return {
        "peak": int(peaks.argmax()),
        "peaks": np.round(peaks, 3),
        "low": round(min(lows), 6),
        "high": round(max(highs), 6),
    }


def build(size):
    spectra, lows, highs = [], [], []
    for seed in range(size["signals"]):
        signal = clean(load(seed, size["length"]))
        low, high = extremes(signal)
        spectra.append(spectrum(signal))
        lows.append(low)
        highs.append(high)
    while len(spectra) > 1:
        spectra = [join(*spectra[at : at + 2]) for at in range(0, len(spectra), 2)]
    return report_of(spectra[0], lows, highs)


def pipeline(size):
    found = build(size).compute()
    return {**found, "peaks": digest(found["peaks"])}


def work(client, scale, report):
    report.part("pipeline", lambda: pipeline(sizes[scale]))
    kept = [one.persist() for one in [load(1, 1000), clean(load(1, 1000))]]
    report.part("persisted", lambda: [round(float(one.sum()), 6) for one in dask.compute(*kept)])


if __name__ == "__main__":
    main(work)
