#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A small run of the benchmark, so that it never rots; `make bench` is the whole of it and no test.
"${top_builddir:-.}/tests/bench/core-bench" --quick || exit 1
exec "${top_srcdir:-.}/tests/bench/bench.py" --quick
