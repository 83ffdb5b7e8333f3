"""What audioop of Python 3.11 answers to fixed fragments: recorded, as later Pythons lack it."""

from __future__ import annotations

import hashlib
from typing import Any

WIDTHS = (1, 2, 3, 4)
FRAMES = 997
FACTORS = ((0.5, 0.5), (1.0, 0.0), (0.0, -1.0), (0.7071, 0.7071), (3.0, -2.5), (1e-3, 1e9))


def fragment(width: int) -> bytes:
    """The same noise in every run, with the ends of the range in front."""
    least = bytes(width - 1) + b"\x80"
    most = b"\xff" * (width - 1) + b"\x7f"
    noise = hashlib.shake_256(b"vocana %d" % width).digest(2 * width * FRAMES)
    return least + least + most + most + least + most + noise


def quiet(width: int) -> bytes:
    """Samples of a few steps, where rounding is what is heard."""
    noise = hashlib.shake_256(b"quiet %d" % width).digest(2 * FRAMES)
    return b"".join((step % 7 - 3).to_bytes(width, "little", signed=True) for step in noise)


def answers(module: Any) -> dict[str, int | str]:
    """What a module with the functions of audioop answers; bytes as the start of their SHA-256."""
    found: dict[str, int | str] = {}
    for name, make in (("loud", fragment), ("quiet", quiet)):
        for width in WIDTHS:
            given = make(width)
            found[f"{name} {width} rms"] = module.rms(given, width)
            found[f"{name} {width} max"] = module.max(given, width)
            for to in WIDTHS:
                found[f"{name} {width} lin2lin {to}"] = _digest(module.lin2lin(given, width, to))
            for left, right in FACTORS:
                mono = module.tomono(given, width, left, right)
                found[f"{name} {width} tomono {left} {right}"] = _digest(mono)
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


# Python 3.11.7, x86-64.
RECORDED = {
    "loud 1 rms": 74,
    "loud 1 max": 128,
    "loud 1 lin2lin 1": "a43a2128b43ebcac",
    "loud 1 lin2lin 2": "ae2ad9d1299ef342",
    "loud 1 lin2lin 3": "b0110a77198a7be9",
    "loud 1 lin2lin 4": "0b715beb70d32642",
    "loud 1 tomono 0.5 0.5": "5fa33f1964b2e32f",
    "loud 1 tomono 1.0 0.0": "4f3b7928125480a9",
    "loud 1 tomono 0.0 -1.0": "9b5b7b21b250efc0",
    "loud 1 tomono 0.7071 0.7071": "1f6d7d2a7424e244",
    "loud 1 tomono 3.0 -2.5": "a268fe9aa1d4fa8a",
    "loud 1 tomono 0.001 1000000000.0": "a8813fee5ebde975",
    "loud 2 rms": 19173,
    "loud 2 max": 32768,
    "loud 2 lin2lin 1": "ef63d6cda0ce0169",
    "loud 2 lin2lin 2": "105ea3d8df985856",
    "loud 2 lin2lin 3": "a667b85720e8a014",
    "loud 2 lin2lin 4": "7bfbfa0accf4e4a1",
    "loud 2 tomono 0.5 0.5": "400144b5c4b8c4f5",
    "loud 2 tomono 1.0 0.0": "51e99286653ea4c3",
    "loud 2 tomono 0.0 -1.0": "8f9b3da3c37b890e",
    "loud 2 tomono 0.7071 0.7071": "c0fd5cc92b059669",
    "loud 2 tomono 3.0 -2.5": "ef511a5b690d8e76",
    "loud 2 tomono 0.001 1000000000.0": "9959354303765a4f",
    "loud 3 rms": 4852261,
    "loud 3 max": 8388608,
    "loud 3 lin2lin 1": "37390f4357bbde23",
    "loud 3 lin2lin 2": "83ce94e22edfdf1b",
    "loud 3 lin2lin 3": "d0707ad0d7ed1b01",
    "loud 3 lin2lin 4": "35ebf571467a546c",
    "loud 3 tomono 0.5 0.5": "4c0144341c6833de",
    "loud 3 tomono 1.0 0.0": "69df58b16216ae94",
    "loud 3 tomono 0.0 -1.0": "0d9f4818dccffc50",
    "loud 3 tomono 0.7071 0.7071": "9cda71a1bdbf0c9a",
    "loud 3 tomono 3.0 -2.5": "0f00b8d74ffae6ef",
    "loud 3 tomono 0.001 1000000000.0": "e823a6bddf8e6af2",
    "loud 4 rms": 1257789778,
    "loud 4 max": 2147483648,
    "loud 4 lin2lin 1": "f973b416ef7b2532",
    "loud 4 lin2lin 2": "4f23c75b6d57ab2f",
    "loud 4 lin2lin 3": "cf7f6b46587d35dc",
    "loud 4 lin2lin 4": "8473b16fad2d425a",
    "loud 4 tomono 0.5 0.5": "cebba390f653df5b",
    "loud 4 tomono 1.0 0.0": "52c84bf6f7da47c7",
    "loud 4 tomono 0.0 -1.0": "cd7c6d3b0f8f351c",
    "loud 4 tomono 0.7071 0.7071": "53952fc1cc7dd3af",
    "loud 4 tomono 3.0 -2.5": "56ba217326f17686",
    "loud 4 tomono 0.001 1000000000.0": "f2ea38d56038147d",
    "quiet 1 rms": 2,
    "quiet 1 max": 3,
    "quiet 1 lin2lin 1": "e9a911a578b7d647",
    "quiet 1 lin2lin 2": "9d44ed624de4663a",
    "quiet 1 lin2lin 3": "bea00084a87cbc8f",
    "quiet 1 lin2lin 4": "5bf4ce79b053fc2f",
    "quiet 1 tomono 0.5 0.5": "702c4afd3548e054",
    "quiet 1 tomono 1.0 0.0": "2ee7e820ff851c88",
    "quiet 1 tomono 0.0 -1.0": "78622c8e74720ec9",
    "quiet 1 tomono 0.7071 0.7071": "d082db880e6b7362",
    "quiet 1 tomono 3.0 -2.5": "3fa1af8e4a8f1488",
    "quiet 1 tomono 0.001 1000000000.0": "e818ef58bae3c129",
    "quiet 2 rms": 1,
    "quiet 2 max": 3,
    "quiet 2 lin2lin 1": "7012904e6bba9cab",
    "quiet 2 lin2lin 2": "a1bdbc50357aecc3",
    "quiet 2 lin2lin 3": "fd7b83dd13fb7b36",
    "quiet 2 lin2lin 4": "bbfa4172fc24ab3c",
    "quiet 2 tomono 0.5 0.5": "3200993856e5b0bc",
    "quiet 2 tomono 1.0 0.0": "469eaedfaf16f466",
    "quiet 2 tomono 0.0 -1.0": "867608c702ab5163",
    "quiet 2 tomono 0.7071 0.7071": "731c583f33b60695",
    "quiet 2 tomono 3.0 -2.5": "5ae910d4f46d86d1",
    "quiet 2 tomono 0.001 1000000000.0": "9790d227661e1f5b",
    "quiet 3 rms": 2,
    "quiet 3 max": 3,
    "quiet 3 lin2lin 1": "4c60a32351668ac5",
    "quiet 3 lin2lin 2": "278ee11a0654733b",
    "quiet 3 lin2lin 3": "c6a464bea7a6a74b",
    "quiet 3 lin2lin 4": "a47c4203c72485ee",
    "quiet 3 tomono 0.5 0.5": "531dccb41bb7df8e",
    "quiet 3 tomono 1.0 0.0": "8c709888f3a0ba4f",
    "quiet 3 tomono 0.0 -1.0": "a1734fddb16ed3ba",
    "quiet 3 tomono 0.7071 0.7071": "29c2b94ca887ab5b",
    "quiet 3 tomono 3.0 -2.5": "c550b918a878d0cd",
    "quiet 3 tomono 0.001 1000000000.0": "e6d2f03e5682cef5",
    "quiet 4 rms": 2,
    "quiet 4 max": 3,
    "quiet 4 lin2lin 1": "3d40dca926d0e062",
    "quiet 4 lin2lin 2": "6c65e0914f0ff97a",
    "quiet 4 lin2lin 3": "18dc8ae025f8786a",
    "quiet 4 lin2lin 4": "2a131e35d3c0c1d7",
    "quiet 4 tomono 0.5 0.5": "89ece2507b300162",
    "quiet 4 tomono 1.0 0.0": "c289b34c6c8fd6a0",
    "quiet 4 tomono 0.0 -1.0": "444bcce8fca48834",
    "quiet 4 tomono 0.7071 0.7071": "616ae22900df23f5",
    "quiet 4 tomono 3.0 -2.5": "d31d665ba4d3898c",
    "quiet 4 tomono 0.001 1000000000.0": "5c9446e6b81e77ee",
}
