"""The network: plain convolutions, a small pyramid, YOLOX's head at strides 8, 16 and 32.

Plain 3x3 convolutions beat depthwise ones here: on one thread the latter wait for memory.
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from models.street_detector.shape import STRIDES

CHANNELS = (16, 32, 64, 96)
"""At strides 4, 8, 16 and 32."""
NECK = 48
"""Channels that the heads see."""


class Conv(nn.Module):  # type: ignore[misc]
    """Convolution, normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(
            inputs, outputs, kernel, stride, padding=kernel // 2, bias=False
        )
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)

    def forward(self, x: Any) -> Any:
        return functional.relu(self.norm(self.convolution(x)))


class Block(nn.Module):  # type: ignore[misc]
    """Residual: 1x1 to half the channels, 3x3 back."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = Conv(channels, channels // 2, kernel=1)
        self.widen = Conv(channels // 2, channels)

    def forward(self, x: Any) -> Any:
        return x + self.widen(self.squeeze(x))


class Head(nn.Module):  # type: ignore[misc]
    """Per cell: box offsets (4), objectness (1), classes."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.shared = Conv(NECK, NECK)
        self.box = nn.Conv2d(NECK, 5, 1)
        self.kind = nn.Conv2d(NECK, classes, 1)
        # Nearly every cell is empty: start from there (Lin et al., 2017, focal loss, 3.3).
        nn.init.constant_(self.box.bias, 0.0)
        nn.init.constant_(self.box.bias[4:], -4.6)
        nn.init.constant_(self.kind.bias, -1.4)

    def forward(self, x: Any) -> Any:
        x = self.shared(x)
        return torch.cat([self.box(x), self.kind(x)], 1)


class Network(nn.Module):  # type: ignore[misc]
    """[n, 3, HEIGHT, WIDTH] BGR 0 to 255, to [n, cells, 5 + classes]: offsets and logits."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        c4, c8, c16, c32 = CHANNELS
        self.stem = Conv(12, c4, stride=2)
        self.to8 = nn.Sequential(Conv(c4, c8, stride=2), Block(c8), Block(c8))
        self.to16 = nn.Sequential(Conv(c8, c16, stride=2), Block(c16), Block(c16))
        self.to32 = nn.Sequential(Conv(c16, c32, stride=2), Block(c32), Block(c32))
        self.side32 = Conv(c32, NECK, kernel=1)
        self.side16 = Conv(c16, NECK, kernel=1)
        self.side8 = Conv(c8, NECK, kernel=1)
        self.mix16 = Conv(NECK, NECK)
        self.heads = nn.ModuleList(Head(classes) for _ in STRIDES)

    def forward(self, x: Any) -> Any:
        x = functional.pixel_unshuffle(x / 255.0, 2)
        x8 = self.to8(self.stem(x))
        x16 = self.to16(x8)
        p32 = self.side32(self.to32(x16))
        p16 = self.mix16(self.side16(x16) + functional.interpolate(p32, scale_factor=2.0))
        p8 = self.side8(x8) + functional.interpolate(p16, scale_factor=2.0)
        found = [head(p).flatten(2) for head, p in zip(self.heads, (p8, p16, p32), strict=True)]
        return torch.cat(found, 2).transpose(1, 2)


class Exported(nn.Module):  # type: ignore[misc]
    """The network as it is run: scores instead of logits."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Any) -> Any:
        raw = self.network(x)
        return torch.cat([raw[..., :4], raw[..., 4:].sigmoid()], 2)
