"""What ``pyproject.toml`` cannot say yet: the one module that is compiled."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "streams.cameras._frame",
            ["streams/cameras/_frame.pyx"],
            # Never fused to multiply-adds: every machine computes the same bits.
            extra_compile_args=["-O3", "-ffp-contract=off"],
        )
    ]
)
