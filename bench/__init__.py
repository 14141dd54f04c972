"""The figures of docs/benchmarks.md: real parts, real recordings, each figure beside a floor."""
