# SPDX-License-Identifier: Apache-2.0
"""What the system tests share: the emulator, clients for it, and certificates.

    from harness import Emulator, Authority, ApiError, scratch, need

    need("openssl", "/usr/bin/aws")              # else exit 77: skipped
    root = Authority("Corp Root", days=3650)     # a CA with key and certificate, made with openssl
    issuing = Authority("Corp Issuing", issuer=root)
    renewed = root.renewed(days=3650)            # same key, later expiry;  root.rekeyed(): another key

    with Emulator("--delay", "register=2") as service:        # options as on the command line; tls=True
        directory = service.create("corp.example.com")        # by the control path; gives the id
        service.control("register", directory=directory, pem=root.pem)          # any command, any member
        service.call("EnableLDAPS", DirectoryId=directory, Type="Client")       # signed; dict, or ApiError
        service.aws("describe-ldaps-settings", "--directory-id", directory)     # /usr/bin/aws; dict, or ApiError
        subprocess.run([...], env=service.environment())      # credentials, Region, endpoint, no more
        service.role("reader", account="444455556666")        # its ARN; service.aws(..., service="sts") takes it
        service.issued(expired=True)                          # the temporary keys that were given out; ends them
        service.requests("RegisterCertificate")               # lines of the request log, as dicts
        service.advance(86400)                                # moves the service's clock
        service.wait(lambda: service.state(directory) == ["Registered"])        # polls, with a deadline
        service.restart()                                     # same port, same state

Everything lives in one scratch directory of the test's process, which is removed at its end. Servers
listen on 127.0.0.1, on a port of the system's choosing, and are stopped by their own process.
The emulator is $top_builddir/ldapsward-emulator (or $EMULATOR), ldapsward $top_builddir/ldapsward.
"""

import atexit
import datetime
import hashlib
import hmac
import http.client
import itertools
import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

BUILD = os.environ.get("top_builddir", ".")
SOURCE = os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
EMULATOR = os.environ.get("EMULATOR", os.path.join(BUILD, "ldapsward-emulator"))
PROGRAM = os.environ.get("LDAPSWARD", os.path.join(BUILD, "ldapsward"))
AWS = "/usr/bin/aws"

# The example credentials of AWS's documentation, and the account that the emulator gives them.
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ACCOUNT, REGION = "111122223333", "eu-west-1"

# How many times longer than a plain build on an idle machine what is tested may take: .ci/run says so for the jobs whose
# programs are instrumented, or that share the machine. The one place that every limit of these tests is scaled by.
PATIENCE = float(os.environ.get("TESTS_PATIENCE", "1"))

# Nothing here takes longer on a slow machine. Seconds.
DEADLINE = 60 * PATIENCE

_numbers = itertools.count(1)
_scratch = None


def need(*commands):
    """Skips the whole test (77) unless every command is there."""
    for command in commands:
        if not shutil.which(command):
            print("no " + command)
            sys.exit(77)


def preload(name, *libraries):
    """The path of tests/system/NAME.c as a library to be preloaded. Skips the test (77) without a compiler, and for
    programs with sanitizers, which must be loaded first."""
    compiler = shlex.split(os.environ.get("CC") or "cc")
    need(compiler[0])
    with open(PROGRAM, "rb") as program:
        if re.search(b"__[at]san_init", program.read()):
            print("a sanitizer must be loaded first")
            sys.exit(77)
    path = scratch(name + ".so")
    subprocess.run([*compiler, "-D_GNU_SOURCE", "-O1", "-shared", "-fPIC", "-o", path,
                    os.path.join(SOURCE, "tests", "system", name + ".c"), "-ldl", *libraries], check=True)
    return path


def scratch(name=None):
    """The process's scratch directory, or a path in it."""
    global _scratch
    if _scratch is None:
        _scratch = tempfile.mkdtemp(prefix="ldapsward-test-")
        atexit.register(shutil.rmtree, _scratch, True)
    return os.path.join(_scratch, name) if name else _scratch


def own_mounts(*words):
    """Goes on in a mount namespace of its own, where root, or one who plays it, may mount; else exit 77. `words`: a mount to begin with."""
    inside = "LDAPSWARD_TEST_MOUNTS"
    if os.environ.get(inside):
        if words:
            subprocess.run(["mount", *words], check=True)
        return
    for how in (["--mount"], ["--mount", "--map-root-user"]):
        command = ["unshare", *how, "--propagation", "private"]
        probe = command + ["mount", "-t", "tmpfs", "-o", "size=1m", "probe", "/mnt"]
        if subprocess.run(probe, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            os.environ[inside] = "1"
            os.execvp(command[0], [*command, sys.executable, *sys.argv])
    print("no mount namespace is to be had here")
    sys.exit(77)


def wait_until(condition, what="the condition", deadline=DEADLINE):
    """Polls until the condition is true, and gives what it gave; AssertionError after the deadline."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("%s did not come true within %s s" % (what, deadline))
        time.sleep(0.02)


class Nobody:
    """`with Nobody() as port`: a port of loopback where nobody listens, and nobody else comes to meanwhile."""

    def __enter__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        return self.socket.getsockname()[1]

    def __exit__(self, *unused):
        self.socket.close()


class ApiError(Exception):
    """A refusal: `code` (bare), `message`, `status`, and the whole `body` and `headers` where known."""

    def __init__(self, code, message, status=None, body=None, headers=None):
        super().__init__("%s: %s" % (code, message))
        self.code, self.message, self.status, self.body, self.headers = code, message, status, body, headers or {}


# ---------------------------------------------------------------- the service


def sign(secret, key, region, headers, body, service="ds"):
    """Adds the SigV4 Authorization header for POST / to `headers` (names in lower case)."""
    def mac(secret_, text):
        return hmac.new(secret_, text.encode(), hashlib.sha256).digest()
    names = sorted(headers)
    moment = headers["x-amz-date"]
    scope = "/".join((moment[:8], region, service, "aws4_request"))
    canonical = "\n".join(["POST", "/", ""] + ["%s:%s" % (name, headers[name].strip()) for name in names] +
                          ["", ";".join(names), hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signing = ("AWS4" + secret).encode()
    for word in scope.split("/"):
        signing = mac(signing, word)
    headers["authorization"] = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        key, scope, ";".join(names), mac(signing, text).hex())


class Emulator:
    """A running ldapsward-emulator; see the head of this file."""

    def __init__(self, *options, tls=False, environment=None, state=True):
        self.home = scratch("emulator-%d" % next(_numbers))
        os.mkdir(self.home)
        self.options = [str(option) for option in options]
        self.tls = tls
        self.kept = state  # keeps its world in a file, for restart()
        self.extra = environment or {}
        self.log_path = os.path.join(self.home, "requests")
        self.state_path = os.path.join(self.home, "state")
        self.offset = 0
        self.process = None
        self.port = 0
        self.held = None    # a socket that keeps the port while nobody listens
        self.start()

    def start(self):
        port_file = os.path.join(self.home, "port")
        if os.path.exists(port_file):
            os.unlink(port_file)
        if self.held:
            self.held.close()
            self.held = None
        tls = ["--tls", os.path.join(self.home, "tls")] if self.tls else []
        state = ["--state", self.state_path] if self.kept else []
        self.errors = open(os.path.join(self.home, "errors"), "ab")
        self.process = subprocess.Popen(
            [EMULATOR, "--port", str(self.port), "--port-file", port_file,
             "--request-log", self.log_path] + state + tls + self.options,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **sanitizers(), **self.extra})
        try:
            wait_until(lambda: os.path.exists(port_file) or self.process.poll() is not None, "the emulator's start")
        except AssertionError:
            self.kill()
            raise
        if self.process.poll() is not None:
            raise AssertionError("the emulator ended with %d: %s" % (self.process.returncode, self.error_text()))
        with open(port_file) as file:
            self.port = int(file.read())

    def error_text(self):
        with open(os.path.join(self.home, "errors"), errors="replace") as file:
            return file.read()

    def stop(self, number=signal.SIGTERM):
        """Ends it and checks that it ended well."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(number)
        status = process.wait(DEADLINE)
        self.errors.close()
        if number == signal.SIGTERM and status != 0:
            raise AssertionError("the emulator ended with %d: %s" % (status, self.error_text()))

    def kill(self):
        """Ends it hard. Its port stays taken, so that nobody else's service answers there meanwhile."""
        self.stop(signal.SIGKILL)
        if self.port and not self.held:
            self.held = socket.socket()
            self.held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.held.bind(("127.0.0.1", self.port))

    def restart(self):
        """Kills it and starts it again on the same port, with the state that it wrote."""
        self.kill()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()
        if self.held:
            self.held.close()

    @property
    def url(self):
        return "%s://127.0.0.1:%d" % ("https" if self.tls else "http", self.port)

    @property
    def ca(self):
        """Path of the CA's certificate, for AWS_CA_BUNDLE."""
        return os.path.join(self.home, "tls", "ca.pem")

    def connection(self):
        if self.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=DEADLINE,
                                               context=ssl.create_default_context(cafile=self.ca))
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)

    def post(self, path, body, headers):
        """One exchange on a connection of its own: (status, headers in lower case, bytes)."""
        connection = self.connection()
        try:
            connection.request("POST", path, body, headers)
            reply = connection.getresponse()
            return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
        finally:
            connection.close()

    # The control path.

    def control(self, command, **members):
        status, _, body = self.post("/_control/" + command, json.dumps(members), {"content-type": "application/json"})
        reply = json.loads(body)
        if status != 200:
            raise ApiError("control", reply["error"], status)
        return reply

    def create(self, name="corp.example.com", **members):
        """Makes one directory and gives its id."""
        return self.control("create", name=name, **members)["directories"][0]

    def role(self, name="reader", account=ACCOUNT, **members):
        """Makes a role that everybody may assume, unless `trust` says otherwise, and gives its ARN."""
        members.setdefault("trust", ["*"])
        return self.control("role", name=name, account=account, **members)["arn"]

    def issued(self, role=None, expired=False):
        """The keys of all sessions, or of one role's, as dicts; `expired` ends them now."""
        return self.control("issued", expired=expired, **({"role": role} if role else {}))["credentials"]

    def fault(self, *faults):
        self.control("fault", faults=list(faults))

    def settings(self, **words):
        """Changes settings; an underscore stands for a hyphen, a list for a repeated option."""
        self.control("settings", **{word.replace("_", "-"): value for word, value in words.items()})

    def advance(self, seconds):
        self.control("clock", advance=seconds)
        self.offset += seconds

    def dump(self, directory):
        return self.control("dump", directory=directory)["directories"][0]

    def certificates(self, directory, kind="ClientLDAPS"):
        """The entries as the dump has them."""
        return [entry for entry in self.dump(directory)["certificates"] if entry["type"] == kind]

    def state(self, directory):
        """The states of the ClientLDAPS entries, in order of registration."""
        return [entry["state"] for entry in self.certificates(directory)]

    def ldaps(self, directory):
        """The status, or None if LDAPS was never enabled."""
        ldaps = self.dump(directory)["ldaps"]
        return ldaps["status"] if ldaps["explicit"] else None

    def counters(self, reset=False):
        return self.control("counters", reset=reset)

    def requests(self, operation=None):
        """The request log, without a line that is still being written; only lines of one operation, if it is given."""
        if not os.path.exists(self.log_path):
            return []
        with open(self.log_path) as file:
            lines = [json.loads(line) for line in file if line.endswith("\n")]
        return [line for line in lines if operation in (None, line["operation"])]

    def writes(self):
        """The lines of the calls that change something, executed or not."""
        return [line for line in self.requests()
                if not line["operation"].startswith(("Describe", "List", "Assume", "Get", "Metadata", "Container"))]

    def wait(self, condition, what="the condition"):
        return wait_until(condition, what)

    # Clients.

    def raw(self, operation, body, region=REGION, key=KEY, secret=SECRET, token=None, headers=None, sign_it=True):
        """A signed request with any body: (status, headers, bytes). `headers` are sent and signed too."""
        moment = datetime.datetime.utcnow() + datetime.timedelta(seconds=self.offset)
        sent = {"host": "127.0.0.1:%d" % self.port, "content-type": "application/x-amz-json-1.1",
                "x-amz-target": "DirectoryService_20150416." + operation,
                "x-amz-date": moment.strftime("%Y%m%dT%H%M%SZ")}
        if token:
            sent["x-amz-security-token"] = token
        sent.update(headers or {})
        body = body if isinstance(body, bytes) else body.encode()
        if sign_it:
            sign(secret, key, region, sent, body)
        return self.post("/", body, sent)

    def call(self, operation, region=REGION, key=KEY, secret=SECRET, token=None, **members):
        """A signed call: the result as a dict, or ApiError."""
        status, headers, body = self.raw(operation, json.dumps(members), region, key, secret, token)
        reply = json.loads(body) if body.strip() else {}
        if status != 200:
            code = reply.get("__type", headers.get("x-amzn-errortype", "")).split(":")[0].split("#")[-1]
            raise ApiError(code, reply.get("message", reply.get("Message", "")), status, reply, headers)
        return reply

    def pages(self, operation, member, **members):
        """All elements of a paged listing."""
        found, token = [], {}
        while True:
            reply = self.call(operation, **members, **token)
            found += reply[member]
            if "NextToken" not in reply:
                return found
            token = {"NextToken": reply["NextToken"]}

    def environment(self, region=REGION, key=KEY, secret=SECRET, **more):
        """A whole environment for a client: this endpoint, these keys, nothing of the machine's."""
        found = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": scratch(), "AWS_EC2_METADATA_DISABLED": "true",
                 "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": region,
                 "AWS_DEFAULT_REGION": region, "AWS_ENDPOINT_URL_DIRECTORY_SERVICE": self.url,
                 "AWS_ENDPOINT_URL_STS": self.url, "AWS_ENDPOINT_URL_SSO": self.url, **sanitizers()}
        if self.tls:
            found["AWS_CA_BUNDLE"] = self.ca
        return {**found, **more}

    def data_path(self):
        """A directory for AWS_DATA_PATH that brings this CLI's own STS and SSO clients here: they know no variable for it."""
        top = os.path.join(self.home, "data")
        for place in ("sts/2011-06-15", "sso/2019-06-10"):
            os.makedirs(os.path.join(top, place), exist_ok=True)
            with open(os.path.join(top, place, "endpoint-rule-set-1.json"), "w") as file:
                json.dump({"version": "1.0", "parameters": {
                    "Region": {"builtIn": "AWS::Region", "required": False, "documentation": "", "type": "String"}},
                    "rules": [{"conditions": [], "type": "endpoint",
                               "endpoint": {"url": self.url, "properties": {}, "headers": {}}}]}, file)
        return top

    def aws(self, *words, region=REGION, service="ds", **more):
        """Runs /usr/bin/aws SERVICE WORDS, more being variables: a dict, or ApiError with the code it printed."""
        endpoint = ["--endpoint-url", self.url] if service == "ds" else []
        done = cli([service] + endpoint + ["--output", "json"] + [str(word) for word in words],
                   self.environment(region, AWS_MAX_ATTEMPTS="1", AWS_PAGER="", AWS_DATA_PATH=self.data_path(), **more))
        if done.returncode == 0:
            return json.loads(done.stdout) if done.stdout.strip() else {}
        text = done.stderr.strip()
        code = text.split("An error occurred (")[1].split(")")[0] if "An error occurred (" in text else "cli"
        raise ApiError(code, text)


class Cli:
    """The AWS CLI of one home directory, loaded once for all its commands; see cli.py."""

    def __init__(self, home):
        self.lock = threading.Lock()
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                ["/usr/bin/python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "cli.py")],
                stdin=theirs, stdout=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": home})
        with ours:
            ours.settimeout(2 * DEADLINE)
            self.lines = ours.makefile("rw")
        atexit.register(self.stop)
        if not self.lines.readline():
            raise AssertionError("no AWS CLI for /usr/bin/python3: cli.py ended with %d" % self.process.wait(DEADLINE))

    def stop(self):
        self.lines.close()
        self.process.wait(DEADLINE)

    def __call__(self, words, environment):
        """A command that ended, as subprocess.run gives it."""
        name = scratch("aws-said-%d-" % self.process.pid)
        with self.lock:
            print(json.dumps({"words": words, "environment": environment, "out": name + "out", "err": name + "err"}),
                  file=self.lines, flush=True)
            status = int(self.lines.readline())
            with open(name + "out") as out, open(name + "err") as err:
                return subprocess.CompletedProcess(words, status, out.read(), err.read())


_clis, _clis_lock = {}, threading.Lock()


def cli(words, environment):
    """/usr/bin/aws in this environment, to its end."""
    with _clis_lock:
        if environment["HOME"] not in _clis:
            _clis[environment["HOME"]] = Cli(environment["HOME"])
    return _clis[environment["HOME"]](words, environment)


def sanitizers():
    """Variables of a sanitizer build, which a clean environment must keep."""
    return {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}


# ---------------------------------------------------------------- certificates


def _openssl(*words, text=None):
    done = subprocess.run(["openssl"] + list(words), input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode != 0:
        raise AssertionError("openssl %s: %s" % (words[0], done.stderr))
    return done.stdout


class Authority:
    """
    A CA made with openssl: `pem` and `path` of its certificate, `key_path`, `not_after` (UTC
    seconds). Signed by itself, or by `issuer`. `days` or `seconds` are what it has left from now
    (negative: expired), `age` how long ago it began. `extensions` replaces basicConstraints and
    keyUsage; `key` is "ec", "rsa" or the Authority whose key it shares; `subject` replaces /CN=name.
    """

    def __init__(self, name, days=3650, seconds=None, age=86400, issuer=None, key="ec", subject=None, extensions=None,
                 options=()):
        stem = scratch("ca-%d" % next(_numbers))
        self.name, self.issuer = name, issuer
        self.subject = subject or "/CN=" + name
        self.path = stem + ".pem"
        self.key_path = key.key_path if isinstance(key, Authority) else stem + ".key"
        if not isinstance(key, Authority):
            kinds = {"ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                     "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                     "pss": ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]}
            _openssl("genpkey", *kinds[key], "-out", self.key_path)
        now = int(time.time())
        self.not_after = now + (seconds if seconds is not None else days * 86400)
        self.not_before = min(now, self.not_after) - age
        self._sign(stem, extensions or "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign", options)
        with open(self.path) as file:
            self.pem = file.read()

    def _sign(self, stem, extensions, options):
        def instant(seconds):
            return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds))
        request, config = stem + ".csr", stem + ".cnf"
        with open(config, "w") as file:
            file.write("[ca]\ndefault_ca=d\n[d]\ndatabase=%s.db\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n"
                       "unique_subject=no\nemail_in_dn=no\nx509_extensions=x\npreserve=yes\n[p]\n"
                       "countryName=optional\norganizationName=optional\norganizationalUnitName=optional\n"
                       "commonName=optional\ndomainComponent=optional\n"
                       "[x]\nsubjectKeyIdentifier=hash\n%s\n[req]\ndistinguished_name=n\n[n]\n" % (stem, extensions))
        open(stem + ".db", "w").close()
        _openssl("req", "-new", "-config", config, "-key", self.key_path, "-subj", self.subject, "-utf8", "-out", request)
        signer = ["-cert", self.issuer.path, "-keyfile", self.issuer.key_path] if self.issuer else [
            "-selfsign", "-keyfile", self.key_path]
        _openssl("ca", "-batch", "-notext", "-config", config, "-in", request, "-out", self.path, "-outdir", scratch(),
                 "-startdate", instant(self.not_before), "-enddate", instant(self.not_after), "-utf8", *signer, *options)

    def renewed(self, **terms):
        """The next generation under the same key and name."""
        return Authority(self.name, key=self, issuer=self.issuer, subject=self.subject, **terms)

    def rekeyed(self, **terms):
        """The next generation under a new key and the same name."""
        return Authority(self.name, issuer=self.issuer, subject=self.subject, **terms)
