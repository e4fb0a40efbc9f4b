# SPDX-License-Identifier: Apache-2.0
"""A place whose only name server never answers.

    subprocess.run(silence.command(home, "curl", "https://hang.invalid"))   # `home`: two files are written there
    silence.possible(home)                                                  # whether this host lets us have one

The command runs in a network and mount namespace of its own: nothing but itself and what it starts is on
that network's loopback, and the name server there is a socket that is open and never read.
"""

import os
import subprocess
import sys

_ENTER = """
import fcntl, os, socket, struct, subprocess, sys
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", 1))          # SIOCSIFFLAGS, IFF_UP
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
server.set_inheritable(True)
for name in ("resolv.conf", "nsswitch.conf"):
    subprocess.run(["mount", "--bind", os.path.join(sys.argv[1], name), "/etc/" + name], check=True)
os.execvp(sys.argv[2], sys.argv[2:])
"""


def command(home, *words):
    """The command line that runs `words` there."""
    os.makedirs(home, exist_ok=True)
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n"),
                       ("nsswitch.conf", "hosts: files dns\n")):
        with open(os.path.join(home, name), "w") as file:
            file.write(text)
    return ["unshare", "-mn", sys.executable, "-c", _ENTER, home, *words]


def possible(home):
    return subprocess.run(command(home, "true"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0
