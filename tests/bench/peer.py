#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What one would write with boto3 instead: one read-only pass over every directory of a Region.

    peer.py THREADS [--sleep]

Sweeps DescribeDirectories, then reads certificates and the LDAPS setting of each directory, and prints
how many directories were read, and how many were lost. --sleep stays afterwards, as a daemon would.
"""

import concurrent.futures
import os
import sys
import time

import boto3
import botocore.config
import botocore.exceptions


def look(client, directory):
    pages = client.get_paginator("list_certificates").paginate(DirectoryId=directory)
    certificates = [one for page in pages for one in page["CertificatesInfo"]]
    settings = client.describe_ldaps_settings(DirectoryId=directory, Type="Client")["LDAPSSettingsInfo"]
    enabled = bool(settings) and settings[0]["LDAPSStatus"] == "Enabled"
    return enabled and all(one["State"] == "Registered" for one in certificates)


def look_or_lose(client, directory):
    try:
        return look(client, directory)
    except botocore.exceptions.ClientError:
        return None


def main():
    threads = int(sys.argv[1])
    client = boto3.client("ds", endpoint_url=os.environ["AWS_ENDPOINT_URL_DIRECTORY_SERVICE"],
                          config=botocore.config.Config(max_pool_connections=threads, retries={"mode": "standard"}))
    pages = client.get_paginator("describe_directories").paginate()
    directories = [one["DirectoryId"] for page in pages for one in page["DirectoryDescriptions"]]
    if threads == 1:
        found = [look_or_lose(client, directory) for directory in directories]
    else:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda directory: look_or_lose(client, directory), directories))
    print(sum(one is not None for one in found), found.count(None), flush=True)
    if "--sleep" in sys.argv:
        time.sleep(3600)


if __name__ == "__main__":
    main()
