"""The sounds that joins are judged on: tones, chord, two voices, noise; all at 48 kHz, float32."""

import shutil
import subprocess
import tempfile
import wave
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

F32 = NDArray[np.float32]

RATE = 48_000
SECONDS = 12
TONES_HZ = {"tone100": 100.0, "tone440": 440.0, "tone1000": 1000.0, "tone3000": 3000.0}
CHORD_HZ = (220.0, 277.18, 329.63, 440.0)
VOICES = {"speech_gb": "en-gb", "speech_us": "en-us+f3"}
TEXT = (
    "The harbour wakes before the sun does. Ropes creak, gulls quarrel over fish, and somebody "
    "whistles the same four notes again and again. A fresh breeze pushes the fog off the shore "
    "while six small boats leave in single file. She asked which chapters he had finished; just "
    "three, he said, since Thursday's speech took six hours. They sat on the steps, shared a box "
    "of biscuits, and watched the lighthouse switch itself off."
)

LOW_TONES = ("tone100", "tone440", "tone1000")
TONES = tuple(TONES_HZ)
SPEECH = tuple(VOICES)
NOISE = ("white", "pink")
NAMES = (*TONES, "chord", "harmonic", *SPEECH, *NOISE)


class SpeechMissingError(RuntimeError):
    """The corpus needs espeak-ng, and it is not installed."""


@cache
def sound(name: str) -> F32:
    """The sound of that name, at least 12 s of it, shape (frames,); do not write to it."""
    if name in VOICES:
        samples = _speech(VOICES[name])
    elif name in NOISE:
        samples = _noise(name)
    else:
        samples = _tones(name)
    frames = samples.astype(np.float32)
    frames.setflags(write=False)
    return frames


@cache
def dithered(name: str) -> F32:
    """The same as a 16-bit converter would deliver it: TPDF dither of 1 LSB, then rounding."""
    rng = np.random.default_rng(16)
    exact = sound(name).astype(np.float64) * 32768
    dither = rng.uniform(-0.5, 0.5, (2, len(exact))).sum(axis=0)
    rounded = np.clip(np.round(exact + dither), -32768, 32767)
    frames: F32 = (rounded / 32768).astype(np.float32)
    frames.setflags(write=False)
    return frames


def _tones(name: str) -> NDArray[np.float64]:
    turns = 2 * np.pi * np.arange(RATE * SECONDS) / RATE
    if name in TONES_HZ:
        return np.asarray(0.5 * np.sin(TONES_HZ[name] * turns + 0.1))
    if name == "chord":
        return np.asarray(sum(0.15 * np.sin(hz * turns + hz) for hz in CHORD_HZ))
    if name == "harmonic":
        return np.asarray(sum(0.3 / k * np.sin(220.0 * k * turns + k) for k in range(1, 13)))
    raise KeyError(name)


def _noise(name: str) -> NDArray[np.float64]:
    rng = np.random.default_rng({"white": 1, "pink": 2}[name])
    white = rng.standard_normal(RATE * SECONDS)
    if name == "white":
        return white * 0.1
    spectrum = np.fft.rfft(white)
    spectrum[0] = 0
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    pink = np.fft.irfft(spectrum)
    return np.asarray(pink / pink.std() * 0.1)


def _speech(voice: str) -> NDArray[np.float64]:
    program = shutil.which("espeak-ng")
    if program is None:
        raise SpeechMissingError("espeak-ng is not installed: apt install espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        subprocess.run([program, "-v", voice, "-w", str(path), TEXT], check=True)
        with wave.open(str(path)) as file:
            if (file.getframerate(), file.getsampwidth(), file.getnchannels()) != (22_050, 2, 1):
                raise SpeechMissingError("espeak-ng did not deliver 22.05 kHz, 16 bit, mono")
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return np.asarray(signal.resample_poly(samples / 32768, 320, 147))
