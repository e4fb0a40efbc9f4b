#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The same pass by a loop over the AWS CLI.
set -eu
aws() { /usr/bin/aws ds --endpoint-url "$AWS_ENDPOINT_URL_DIRECTORY_SERVICE" --output text "$@"; }
count=0
for directory in $(aws describe-directories --query 'DirectoryDescriptions[].DirectoryId'); do
	aws list-certificates --directory-id "$directory" >/dev/null
	aws describe-ldaps-settings --directory-id "$directory" >/dev/null
	count=$((count + 1))
done
echo "$count 0"
