#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What one would write with boto3 instead: one read-only pass over every directory of a Region.

    peer.py THREADS [--sleep] [--lanes PROFILE:REGION,...]

Sweeps DescribeDirectories, then reads certificates and the LDAPS setting of each directory, and prints
how many directories were read, and how many were lost. --sleep stays afterwards, as a daemon would;
--lanes takes several profiles and Regions, whose directories all threads share.
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


def look_or_lose(found):
    try:
        return look(*found)
    except botocore.exceptions.ClientError:
        return None


def sweep(client):
    pages = client.get_paginator("describe_directories").paginate()
    return [(client, one["DirectoryId"]) for page in pages for one in page["DirectoryDescriptions"]]


def clients(threads):
    config = botocore.config.Config(max_pool_connections=threads, retries={"mode": "standard"})
    endpoint = os.environ["AWS_ENDPOINT_URL_DIRECTORY_SERVICE"]
    if "--lanes" not in sys.argv:
        return [boto3.client("ds", endpoint_url=endpoint, config=config)]
    lanes = [lane.split(":") for lane in sys.argv[sys.argv.index("--lanes") + 1].split(",")]
    sessions = {profile: boto3.Session(profile_name=profile) for profile, _ in lanes}
    return [sessions[profile].client("ds", region, endpoint_url=endpoint, config=config) for profile, region in lanes]


def main():
    threads = int(sys.argv[1])
    if threads == 1:
        found = [look_or_lose(one) for client in clients(threads) for one in sweep(client)]
    else:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            directories = [one for some in pool.map(sweep, clients(threads)) for one in some]
            found = list(pool.map(look_or_lose, directories))
    print(sum(one is not None for one in found), found.count(None), flush=True)
    if "--sleep" in sys.argv:
        time.sleep(3600)


if __name__ == "__main__":
    main()
