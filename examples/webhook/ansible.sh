#!/bin/sh
# Ansible: a revision is a file of extra variables (YAML or JSON), for the hosts of one target. Run by receiver.mjs:
#
#   ANSIBLE_DIR=./playbooks node receiver.mjs --within 1800 -- ./ansible.sh
#
# baseline.yml in that folder says what was there before the first apply. The inventory has a group called as the target is.
set -eu
cd "$ANSIBLE_DIR"
variables=$RINGFENCE_FILE
[ -n "$RINGFENCE_REVISION" ] || variables=baseline.yml
ansible-playbook site.yml --limit "$RINGFENCE_TARGET" --extra-vars "@$variables"
# Verified by effect: a second run changes nothing on any host.
if ansible-playbook site.yml --limit "$RINGFENCE_TARGET" --extra-vars "@$variables" --check | grep 'changed=[1-9]' >&2; then
  echo "a second run would change something again" >&2
  exit 1
fi
