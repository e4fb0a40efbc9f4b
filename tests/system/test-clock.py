#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The clock of this machine is set: it is told at once, and everything is looked at anew.

clock-set.c, preloaded, is the clock that is set. Skipped (77) without a compiler, and where a sanitizer must be loaded first.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import Authority, need, preload   # noqa: E402
from ward import Case, Ward, main   # noqa: E402

need("openssl")
LIBRARY = preload("clock-set", "-lpthread")
ROOT = Authority("Corp Root", days=3650)


class Clock(Case):
    def test_set(self):
        """Forward by an hour: told at once, with a pass that is asked for by the new time; what follows at once is not followed."""
        with Ward() as ward:
            corp = ward.service.create("corp.example.com")
            ward.configure(directories=[{"id": corp, "trust": ["root"], "policy": "observe"}], authorities={"root": [ROOT]})
            path = os.path.join(ward.home, "set")

            def set_to(seconds):
                with open(path + ".new", "w") as file:
                    file.write("%d\n" % seconds)
                os.rename(path + ".new", path)

            set_to(0)
            with ward.run(LD_PRELOAD=LIBRARY, CLOCK_SET=path, LDAPSWARD_DEMO_CLOCK="") as daemon:
                daemon.passes(1)
                set_to(20)
                daemon.quiet()
                self.assertNotIn("clock was set", daemon.log(), "network time may do so much")
                before = len(ward.service.requests())
                set_to(3600)
                daemon.says("this machine's clock was set forward by (1 h|59 m 59 s)")
                daemon.passes(2)
                self.assertIn("RequestExpired", [line["outcome"] for line in ward.service.requests()[before:]])
                set_to(7200)
                set_to(3600)
                set_to(0)
                daemon.quiet()
                self.assertEqual((daemon.log().count("clock was set"), daemon.ended_passes()), (1, 2), "a minute later at the earliest")


if __name__ == "__main__":
    main()
