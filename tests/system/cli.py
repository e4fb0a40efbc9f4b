# SPDX-License-Identifier: Apache-2.0
"""/usr/bin/aws for many commands: what it loads is loaded once, and each command is a fork with an environment of its own.

Nine tenths of a short command are the start of Python and imports. harness.py starts this with one end of a socket pair as
standard input and asks by lines of JSON: {"words": [...], "environment": {...}, "out": PATH, "err": PATH}. The answer is a
line with the exit status. Ends with its input. What runs is what /usr/bin/aws runs, and nothing else of the project is here.
HOME is that of the start: botocore looks it up when it is loaded.
Exit status 3: there is no such package for this Python.
"""

import importlib
import json
import os
import socket
import sys

try:
    import awscli.clidriver
    # What every command of a service imports once it knows which, and what a reply needs.
    import awscli.customizations.arguments  # noqa: F401
    import awscli.formatter  # noqa: F401
    import awscli.handlers  # noqa: F401
    import awscli.table  # noqa: F401
except ImportError:
    sys.exit(3)


def command(asked):
    """In a process of its own: never returns."""
    status = 255
    try:
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(asked["environment"])
        importlib.reload(awscli)    # its head reads AWS_DATA_PATH
        sys.argv = ["aws", *asked["words"]]
        status = awscli.clidriver.main()
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as end:
        status = end.code
    finally:
        os._exit(status if isinstance(status, int) else 1)


def main():
    with socket.socket(fileno=0) as connection, connection.makefile("rw") as lines:
        print("ready", file=lines, flush=True)
        for line in lines:
            child = os.fork()
            if child == 0:
                command(json.loads(line))
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=lines, flush=True)


if __name__ == "__main__":
    main()
