#!/usr/bin/env python3
"""Makes the certificates of a bench in a folder, as tls_lab.h and the end-to-end tests want them.

usage: make_certs.py FOLDER [--name stagebox]

  vendor-old, vendor-new   the two vendor CAs (1024 bit with SHA-1, and `2k`), which sign server certificates
  stores/old.pem, new.pem  what phones trust below 7.5.6 and from there on
  device-old, device-new   who signs phones' certificates; client-ca.pem has both
  foreign                  nobody's CA
  server, server-2k        the box's two pairs; server-foreign is signed by `foreign`
  phone-1024.key, phone-2048.key   the phones' keys
"""
import argparse
import os
import subprocess

FIRST, LAST = "20200101000000Z", "20370101000000Z"


def openssl(*words, stdin=b""):
    subprocess.run(["openssl", *words], input=stdin, check=True, capture_output=True)


class Folder:
    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.join(path, "stores"), exist_ok=True)

    def at(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text):
        with open(self.at(name), "w", encoding="ascii") as file:
            file.write(text)

    def read(self, name):
        with open(self.at(name), encoding="ascii") as file:
            return file.read()

    def key(self, name, bits):
        openssl("genrsa", "-out", self.at(name + ".key"), str(bits))

    def certificate(self, name, subject, signer, digest="sha256", extensions="", first=FIRST, last=LAST):
        """NAME.crt for NAME.key; signed by itself where `signer` is its own name. `openssl ca` alone takes dates."""
        self.write("ca.cnf", "[ca]\ndefault_ca = d\n[d]\npolicy = p\nserial = %s\ndatabase = %s\nnew_certs_dir = %s\n"
                   "unique_subject = no\n[p]\nC = optional\nST = optional\nL = optional\nO = optional\n"
                   "OU = optional\nCN = optional\n[e]\n%s\n[req]\ndistinguished_name = n\n[n]\n" %
                   (self.at("serial"), self.at("index"), self.path, extensions))
        if not os.path.exists(self.at("index")):
            self.write("index", "")
            self.write("serial", "1000\n")
        openssl("req", "-config", self.at("ca.cnf"), "-new", "-key", self.at(name + ".key"), "-subj", subject,
                "-out", self.at(name + ".csr"))
        by = ["-selfsign", "-keyfile", self.at(name + ".key")] if signer == name else \
            ["-cert", self.at(signer + ".crt"), "-keyfile", self.at(signer + ".key")]
        openssl("ca", "-batch", "-notext", "-config", self.at("ca.cnf"), *by, "-md", digest, "-startdate", first,
                "-enddate", last, "-extensions", "e", "-preserveDN", "-in", self.at(name + ".csr"),
                "-out", self.at(name + ".crt"))

    def authority(self, name, subject, bits, digest):
        self.key(name, bits)
        self.certificate(name, subject, name, digest, "basicConstraints = critical, CA:TRUE\nkeyUsage = keyCertSign")

    def server(self, name, host, signer, digest):
        """As a phone wants it: the host's name is the common name, further text after a slash (phones.md 6.1)."""
        self.key(name, 2048)
        self.certificate(name, f"/O=Bench/CN={host}", signer, digest, f"subjectAltName = DNS:{host}")
        self.write(name + ".crt", self.read(name + ".crt") + self.read(signer + ".crt"))


def make(path, name):
    folder = Folder(path)
    folder.authority("vendor-old", "/O=Bench/CN=Small Business Provisioning Root Authority 1", 1024, "sha1")
    folder.authority("vendor-new", "/O=Bench/CN=Small Business Root CA 2k", 2048, "sha256")
    folder.authority("device-old", "/O=Bench/CN=Client Root Authority 1", 1024, "sha1")
    folder.authority("device-new", "/O=Bench/CN=Client Root Authority 2", 2048, "sha256")
    folder.authority("foreign", "/O=Nobody/CN=Nobody's CA", 2048, "sha256")
    folder.server("server", name, "vendor-old", "sha1")
    folder.server("server-2k", name, "vendor-new", "sha256")
    folder.server("server-foreign", name, "foreign", "sha256")
    folder.write("client-ca.pem", folder.read("device-old.crt") + folder.read("device-new.crt"))
    folder.write("stores/old.pem", folder.read("vendor-old.crt"))
    folder.write("stores/new.pem", folder.read("vendor-new.crt"))
    folder.key("phone-1024", 1024)
    folder.key("phone-2048", 2048)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--name", default="stagebox", help="the servers' common name")
    options = parser.parse_args()
    make(options.folder, options.name)


if __name__ == "__main__":
    main()
