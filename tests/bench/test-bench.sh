#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A small run of the benchmarks, so that they never rot; `make bench` and `make bench-accounts` are the whole of them and no test.
"${top_builddir:-.}/tests/bench/core-bench" --quick || exit 1
"${top_srcdir:-.}/tests/bench/accounts.py" --quick || exit
exec "${top_srcdir:-.}/tests/bench/bench.py" --quick
