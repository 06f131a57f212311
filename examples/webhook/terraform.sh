#!/bin/sh
# Terraform: a revision is a file of variables (JSON). Run by receiver.mjs in a folder with one workspace for each target:
#
#   TERRAFORM_DIR=./infra node receiver.mjs --within 3600 -- ./terraform.sh
#
# baseline.tfvars.json in that folder says what was there before the first apply.
set -eu
cd "$TERRAFORM_DIR"
variables=$RINGFENCE_FILE
[ -n "$RINGFENCE_REVISION" ] || variables=baseline.tfvars.json
terraform workspace select -or-create "$RINGFENCE_TARGET"
terraform apply -input=false -auto-approve -lock-timeout=5m -var-file="$variables"
# Verified by effect: nothing is left to change (2: something is).
terraform plan -input=false -detailed-exitcode -var-file="$variables"
