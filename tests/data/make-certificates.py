#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the certificates that tests and the demo run on, with the openssl program alone.

    make-certificates.py [--now INSTANT] DIRECTORY
    make-certificates.py --list

Nothing with a date is kept in the repository, so nothing there expires. Every date counts from
--now (YYYY-MM-DDTHH:MM:SSZ; default: the present), so a test that fixes it gets the same dates in
every run. DIRECTORY/keys/NAME.key is the private key that each certificate was made with.
"""

import argparse
import base64
import datetime
import hashlib
import os
import pathlib
import subprocess
import sys

DOMAIN = "/DC=com/DC=example/DC=corp"
YEAR = 365
IDS = "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
CA = IDS + "basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n"
LEAF = IDS + ("basicConstraints = CA:FALSE\nkeyUsage = digitalSignature\n"
              "extendedKeyUsage = serverAuth\nsubjectAltName = DNS:dc1.corp.example.com\n")
KEYS = {
    "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "pss": ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
}
CONFIGURATION = """
[req]
distinguished_name = empty
string_mask = utf8only
prompt = no
[empty]
[ca]
default_ca = any
[any]
database = {work}/index
new_certs_dir = {work}
default_md = sha256
policy = empty
unique_subject = no
rand_serial = yes
email_in_dn = yes
"""


def version(certificate, key):
    """The AD CS extension that numbers a CA's certificates and keys (MS-WCCE 3.2.1.4.3.2.39)."""
    return f"1.3.6.1.4.1.311.21.1 = ASN1:INTEGER:{key << 16 | certificate}\n"


def row(what, cn, *, subject=None, start=-1, end=10 * YEAR, key=None, kind="ec", issuer=None,
        extensions=CA, options=()):
    """One certificate: dates in days from now; `key` and `issuer` name rows, default its own."""
    return {"what": what, "subject": subject or f"{DOMAIN}/CN={cn}", "start": start, "end": end,
            "key": key, "kind": kind, "issuer": issuer, "extensions": extensions,
            "options": list(options)}


ROOT, ISSUING = "Corp Root CA", "Corp Issuing CA"

# Rows may use those above them. renewed and new-key are two futures of the one corp-root.
CERTIFICATES = {
    "corp-root": row("a root of 10 years, half of them over; AD CS version 0.0", ROOT,
                     start=-5 * YEAR, end=5 * YEAR, extensions=CA + version(0, 0)),
    "corp-root-renewed": row("corp-root renewed with the same key (1.0): same start, later end",
                             ROOT, start=-5 * YEAR, end=10 * YEAR, key="corp-root",
                             extensions=CA + version(1, 0)),
    "corp-root-new-key": row("corp-root renewed with a new key (1.1)", ROOT, end=12 * YEAR,
                             extensions=CA + version(1, 1)),
    "corp-root-cross-0-1": row("the new key of corp-root, signed by its old one", ROOT,
                               end=5 * YEAR, key="corp-root-new-key", issuer="corp-root",
                               extensions=CA + version(1, 1)),
    "corp-root-cross-1-0": row("the old key of corp-root, signed by its new one", ROOT,
                               end=5 * YEAR, key="corp-root", issuer="corp-root-new-key",
                               extensions=CA + version(0, 0)),
    "shorter-root": row("what is no successor of corp-root: version 1.1, but an earlier end", ROOT,
                        end=4 * YEAR, extensions=CA + version(1, 1)),
    "no-order-a": row("one of two generations that nothing puts in order: same subject, same end",
                      "Odd Root CA", end=7 * YEAR),
    "no-order-b": row("the other, with a key of its own", "Odd Root CA", end=7 * YEAR),
    "corp-issuing": row("an issuing CA under corp-root", ISSUING, end=4 * YEAR,
                        issuer="corp-root", extensions=CA + version(0, 0)),
    "corp-issuing-new-key": row("its successor with a new key, under corp-root", ISSUING,
                                end=5 * YEAR - 1, issuer="corp-root",
                                extensions=CA + version(1, 1)),
    "lab-root": row("a root of another company, without an AD CS version", "",
                    subject="/C=DE/O=Lab GmbH/CN=Lab Root CA"),
    "rsa": row("an RSA 2048 root, signed with PKCS#1 v1.5", "RSA Root CA", kind="rsa"),
    "ecdsa-p384": row("an ECDSA root on P-384", "ECDSA Root CA", kind="p384",
                      options=["-md", "sha384"]),
    "no-key-usage": row("a CA without keyUsage: allowed", "Old Style CA",
                        extensions="basicConstraints = CA:TRUE\n"),
    "utf8-name": row("a CA whose name is not ASCII", "Prüfstelle Köln 認証局"),
    "no-name": row("a CA without a common name", "", subject="/C=DE/O=Nameless"),
    "two-names": row("a CA with two common names: the last is the most specific", "",
                     subject="/O=Twice/CN=General/CN=Specific CA"),
    "twin-a": row("one of two that the API cannot tell apart", "", end=6 * YEAR,
                  subject="/O=Twin A/CN=Twin CA"),
    "twin-b": row("the other: same common name, same expiry", "", end=6 * YEAR,
                  subject="/O=Twin B/CN=Twin CA"),
    "days-60": row("60 days left", "Sixty Days CA", start=-YEAR, end=60),
    "days-91": row("91 days left: on the line of 90 days and the margin", "Ninety-one Days CA",
                   start=-YEAR, end=91),
    "days-92": row("92 days left: still registrable", "Ninety-two Days CA", start=-YEAR, end=92),
    "expired": row("expired yesterday", "Expired CA", start=-2 * YEAR, end=-1),
    "not-yet-valid": row("valid from tomorrow", "Coming CA", start=1),
    "leaf": row("no CA: the certificate of a domain controller", "dc1.corp.example.com",
                end=YEAR, issuer="corp-issuing", extensions=LEAF),
    "no-cert-sign": row("CA:TRUE, but keyUsage without keyCertSign", "No Sign CA",
                        extensions="basicConstraints = CA:TRUE\nkeyUsage = cRLSign\n"),
    "pss-signature": row("signed with RSASSA-PSS", "PSS Signature CA", key="rsa",
                         options=["-sigopt", "rsa_padding_mode:pss"]),
    "pss-key": row("a key of the kind RSASSA-PSS", "PSS Key CA", kind="pss"),
    "too-long": row("more than 8192 characters of PEM", "Long CA",
                    extensions=CA + "1.3.6.1.4.1.311.99.1 = ASN1:UTF8String:" + "x" * 7000 + "\n"),
}


def encode(der, label=None, end="\n"):
    """Base64 in lines of 64, between markers if there is a label."""
    text = base64.b64encode(der).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    if label:
        lines = [f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"]
    return (end.join(lines) + end).encode()


class Zoo:
    """The directory that is filled."""

    def __init__(self, directory, now):
        self.directory, self.now = directory, now
        self.keys = directory / "keys"
        self.work = directory / "keys" / ".work"
        self.work.mkdir(parents=True, exist_ok=True)
        (self.work / "cnf").write_text(CONFIGURATION.format(work=self.work))
        (self.work / "index").write_text("")

    def openssl(self, *arguments):
        """Runs openssl and returns what it writes."""
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False,
                              env={**os.environ, "OPENSSL_CONF": str(self.work / "cnf")})
        if done.returncode != 0:
            sys.exit(f"openssl {' '.join(map(str, arguments))}\n{done.stderr.decode()}")
        return done.stdout

    def date(self, days):
        return (self.now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")

    def certificate(self, name, of):
        """Makes NAME.pem, and keys/NAME.key unless it is made with the key of another."""
        key = self.keys / f"{of['key'] or name}.key"
        if not of["key"]:
            self.openssl("genpkey", *KEYS[of["kind"]], "-out", key)
        request, extensions = self.work / "request", self.work / "extensions"
        extensions.write_text("[default]\n" + of["extensions"])
        self.openssl("req", "-new", "-utf8", "-key", key, "-subj", of["subject"], "-out", request)
        signer = of["issuer"]
        by = ["-selfsign", "-keyfile", key] if not signer else [
            "-keyfile", self.keys / f"{CERTIFICATES[signer]['key'] or signer}.key",
            "-cert", self.directory / f"{signer}.pem"]
        self.openssl("ca", "-batch", "-notext", "-preserveDN", "-utf8", *by,
                     "-startdate", self.date(of["start"]), "-enddate", self.date(of["end"]),
                     "-extfile", extensions, "-in", request, *of["options"],
                     "-out", self.directory / f"{name}.pem")

    def form(self, name, content):
        (self.directory / name).write_bytes(content)

    def read(self, name):
        return (self.directory / f"{name}.pem").read_bytes()

    def forms(self):
        """The forms in which one certificate arrives, and what is no certificate."""
        root = self.directory / "corp-root.pem"
        pem = self.read("corp-root")
        der = self.openssl("x509", "-in", root, "-outform", "DER")
        p7b = self.openssl("crl2pkcs7", "-nocrl", "-certfile", root, "-certfile",
                           self.directory / "corp-issuing.pem", "-outform", "DER")
        key = self.keys / "rsa.key"
        secret = key.read_bytes()
        self.form("form-der.cer", der)
        self.form("form-base64.cer", encode(der))
        self.form("form-pkcs7.p7b", encode(p7b, "PKCS7"))
        self.form("form-pkcs7-der.p7b", p7b)
        self.form("form-pkcs7-adcs.p7b", encode(p7b, "CERTIFICATE", "\r\n"))
        self.form("form-crlf.pem", pem.replace(b"\n", b"\r\n"))
        self.form("form-cr.pem", pem.replace(b"\n", b"\r"))
        self.form("form-bom.pem", b"\xef\xbb\xbf" + pem)
        self.form("form-joined-boms.pem", 2 * (b"\xef\xbb\xbf" + pem))
        self.form("form-text.pem", self.openssl("x509", "-in", root, "-text"))
        self.form("form-trusted.pem", self.openssl(
            "x509", "-in", root, "-trustout", "-addtrust", "serverAuth", "-setalias", "corp"))
        self.form("bundle.pem", b"# our CAs, newest last\n\n" + b"\n# next\n".join(
            map(self.read, ("corp-root", "corp-issuing", "corp-root-new-key"))))
        self.form("bad-utf16.pem", pem.decode().encode("utf-16"))
        self.form("bad-utf16-no-bom.pem", pem.decode().encode("utf-16-be"))
        self.form("bad-truncated.pem", pem[:len(pem) // 2])
        self.form("bad-truncated-second.pem", pem + pem[:300])
        self.form("bad-truncated-der.cer", der[:-20])
        self.form("bad-top-missing.pem", pem[100:])
        self.form("bad-garbage.pem", pem + pem.replace(b"\nMII", b"\n!!!"))
        self.form("bad-trailing.cer", der + b"\0\0")
        self.form("bad-marker.pem", pem.replace(b"CERTIFICATE-----\nMII", b"CERTIFICATE--\nMII"))
        self.form("bad-empty.pem", b"\r\n  \n")
        self.form("bad-text.pem", b"<html>Please log in</html>\n")
        self.form("bad-request.pem", (self.work / "request").read_bytes())
        self.form("bad-request.der", self.openssl("req", "-in", self.work / "request",
                                                  "-outform", "DER"))
        self.form("bad-public-key.pem", self.openssl("pkey", "-in", key, "-pubout"))
        self.form("bad-crl.pem", pem + self.openssl(
            "ca", "-gencrl", "-crldays", "30", "-keyfile", self.keys / "corp-root.key",
            "-cert", root))
        self.form("bad-key-and-certificate.pem", pem + secret)
        self.form("bad-key.pem", secret)
        self.form("bad-key-traditional.pem", self.openssl("rsa", "-in", key, "-traditional"))
        self.form("bad-key.der", self.openssl("pkey", "-in", key, "-outform", "DER"))
        self.form("bad-key-base64.cer", encode((self.directory / "bad-key.der").read_bytes()))
        self.form("bad-key-mislabelled.pem",
                  encode((self.directory / "bad-key.der").read_bytes(), "CERTIFICATE"))
        self.form("bad-key-encrypted.pem", self.openssl(
            "pkcs8", "-topk8", "-in", key, "-passout", "pass:zoo", "-iter", "1"))
        self.form("bad-pkcs12.pfx", self.openssl(
            "pkcs12", "-export", "-inkey", key, "-in", self.directory / "rsa.pem",
            "-passout", "pass:zoo", "-iter", "1", "-maciter"))

    def order(self, first, second):
        """Swaps the names of two, so that `first` has the smaller SHA-256: what nothing else
        tells apart is listed in that order."""
        def digest(name):
            return hashlib.sha256(base64.b64decode("".join(
                line for line in self.read(name).decode().splitlines() if "-" not in line))).digest()

        if digest(first) < digest(second):
            return
        for one, other in (f"{first}.pem", f"{second}.pem"), (f"keys/{first}.key", f"keys/{second}.key"):
            one, other, spare = self.directory / one, self.directory / other, self.work / "spare"
            one.rename(spare)
            other.rename(one)
            spare.rename(other)

    def clean(self):
        for file in self.work.iterdir():
            file.unlink()
        self.work.rmdir()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--now", help="count dates from here (YYYY-MM-DDTHH:MM:SSZ)")
    parser.add_argument("--list", action="store_true", help="say what each certificate is")
    parser.add_argument("directory", nargs="?", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.list:
        for name, of in CERTIFICATES.items():
            print(f"{name + '.pem':26} {of['what']}")
        return
    if not arguments.directory:
        parser.error("a directory is needed")
    now = datetime.datetime.now(datetime.timezone.utc)
    if arguments.now:
        now = datetime.datetime.strptime(arguments.now, "%Y-%m-%dT%H:%M:%SZ")
    zoo = Zoo(arguments.directory, now)
    for name, of in CERTIFICATES.items():
        zoo.certificate(name, of)
    zoo.order("twin-a", "twin-b")
    zoo.order("no-order-a", "no-order-b")
    zoo.forms()
    zoo.clean()


if __name__ == "__main__":
    main()
