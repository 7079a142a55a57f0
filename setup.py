"""What ``pyproject.toml`` cannot say yet: the modules that are compiled."""

from setuptools import Extension, setup

COMPILED = ("models._novelty", "streams.cameras._frame")

setup(
    ext_modules=[
        Extension(
            name,
            [f"{name.replace('.', '/')}.pyx"],
            # Never fused to multiply-adds: every machine computes the same bits.
            extra_compile_args=["-O3", "-ffp-contract=off"],
        )
        for name in COMPILED
    ]
)
